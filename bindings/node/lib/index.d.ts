export * from './types/errors.js';
export * from './types/messages.js';
export * from './types/session.js';
export * from './types/extensions.js';
export * from './types/reports.js';
export * from './types/jobs.js';
export * from './types/standalone.js';
export * from './types/engine.js';
