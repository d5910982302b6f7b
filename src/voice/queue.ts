export { BoundedQueue } from '../element/queue.js';
