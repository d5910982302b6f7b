export { ServiceSocket, type SocketOptions } from '../../service/socket.js';
