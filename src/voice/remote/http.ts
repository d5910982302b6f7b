export { type Answer, beginning, type Call, HttpClient } from '../../service/http.js';
