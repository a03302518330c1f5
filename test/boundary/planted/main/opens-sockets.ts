import { WebSocketServer } from 'ws';
export const y = WebSocketServer;
