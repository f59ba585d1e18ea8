// What the C ABI looks like: the functions that it calls and the structs that it takes and fills.
import koffi from 'koffi';

// user_data is a number here: it names an object of ours, and no pointer to one is ever needed.
export const protos = {
  scena_start: 'void scena_start(intptr_t data, const char *request, void *handle)',
  scena_cancel: 'void scena_cancel(intptr_t data, void *handle)',
  scena_open_memory: 'intptr_t scena_open_memory(intptr_t data)',
  scena_begin: 'intptr_t scena_begin(intptr_t data, intptr_t memory, const char *message)',
  scena_add: 'void scena_add(intptr_t data, intptr_t measurement, const char *text, size_t length)',
  scena_tell: 'void scena_tell(intptr_t data, intptr_t measurement, void *scores)',
  scena_measured: 'void scena_measured(intptr_t data, intptr_t memory, intptr_t measurement)',
  scena_forget: 'void scena_forget(intptr_t data, intptr_t memory, const char *message)',
  scena_close_memory: 'void scena_close_memory(intptr_t data, intptr_t memory)',
  scena_hear: 'void scena_hear(intptr_t data, const char *text, size_t length)',
  scena_check: 'void scena_check(intptr_t data, const char *session, const char *speaker, uint32_t is_final, ' +
    'const char *text, size_t length, void *handle)',
  scena_deliver: 'void scena_deliver(intptr_t data, const char *event, const char *job, void *handle)',
  scena_find: 'int32_t scena_find(intptr_t data, const char *name, void *handle)',
  scena_destroy: 'void scena_destroy(intptr_t data)',
  scena_count: 'int64_t scena_count(intptr_t data, const char *text, size_t length)',
};
export const texts = koffi.pointer('char *');
export const structs = {
  scena_session_options: {
    struct_size: 'uint32_t', reserved: 'uint32_t', seed: 'uint64_t', id: 'str', owner: 'str', title: 'str',
    provider: 'str', model: 'str', command_id: 'str', variables: texts, labels: texts, played_by: texts,
    retention: 'str', retention_ttl_ms: 'int64_t',
  },
  scena_send_options: {
    struct_size: 'uint32_t', flags: 'uint32_t', deadline_ms: 'int64_t', participant: 'str', command_id: 'str',
    character: 'str', model: 'str', audience: texts, json_schema: 'str',
  },
  scena_events_options: {
    struct_size: 'uint32_t', flags: 'uint32_t', after: 'str', participant: 'str', max_events: 'size_t',
    max_bytes: 'size_t', types: texts,
  },
  scena_event: {
    struct_size: 'uint32_t', is_durable: 'uint32_t', seq: 'uint64_t', off: 'int64_t', type: 'str', text: 'str',
    text_len: 'size_t', json: 'str', json_len: 'size_t', cursor: 'str',
  },
  scena_log_line: {
    struct_size: 'uint32_t', level: 'int32_t', dropped: 'uint64_t', json: 'str', json_len: 'size_t',
  },
  scena_provider: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', start: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_tool: {
    struct_size: 'uint32_t', flags: 'uint32_t', user_data: 'intptr_t', name: 'str', description: 'str',
    parameters_json: 'str', time_limit_ms: 'int64_t', cache_for_ms: 'int64_t', call: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'scena_destroy *', max_result_bytes: 'int64_t', max_result_tokens: 'int64_t',
  },
  scena_tool_approval: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', ask: 'scena_start *', destroy: 'scena_destroy *',
  },
  scena_live: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', text: 'scena_hear *',
    reasoning: 'scena_hear *', destroy: 'scena_destroy *',
  },
  scena_job_handler: {
    struct_size: 'uint32_t', parallel: 'uint32_t', user_data: 'intptr_t', time_limit_ms: 'int64_t',
    run: 'scena_start *', cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_event_sink: {
    struct_size: 'uint32_t', parallel: 'uint32_t', user_data: 'intptr_t', events: texts, tenant: 'str',
    time_limit_ms: 'int64_t', max_waiting: 'uint64_t', max_attempts: 'uint32_t', reserved: 'uint32_t',
    deliver: 'scena_deliver *', cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_embedder: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', start: 'scena_start *',
    cancel: 'scena_cancel *', destroy: 'scena_destroy *',
  },
  scena_secret_source: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', get: 'scena_find *', destroy: 'scena_destroy *',
  },
  scena_token_counter: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', count: 'scena_count *', destroy: 'scena_destroy *',
  },
  scena_batch_options: {
    struct_size: 'uint32_t', flags: 'uint32_t', workers: 'uint32_t', reserved: 'uint32_t', folder: 'str',
    plan_folder: 'str', user_data: 'intptr_t', progress: 'void *',
  },
  scena_filter: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', hold_back: 'uint64_t',
    check_input: 'scena_check *', check_output: 'scena_check *', destroy: 'scena_destroy *',
  },
  scena_analyzer: {
    struct_size: 'uint32_t', reserved: 'uint32_t', user_data: 'intptr_t', name: 'str',
    open_session: 'scena_open_memory *', begin: 'scena_begin *', add: 'scena_add *', scores: 'scena_tell *',
    keep: 'scena_measured *', forget_from: 'scena_forget *', discard: 'scena_measured *',
    close_session: 'scena_close_memory *', destroy: 'scena_destroy *',
  },
};
