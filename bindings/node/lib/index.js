export { Engine } from './engine.js';
export { ScenaError } from './errors.js';
export { Session, Turn } from './session.js';
