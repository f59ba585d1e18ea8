/**
 * The C ABI of scena, an engine for real-time AI conversation simulations.
 *
 * The rules that hold for every function:
 *
 * - Names are `scena_<noun>_<verb>`. Handles are opaque; `_create` and `_destroy` come in pairs and
 *   may be called in any order: a session or a queue of events may outlive its engine, its calls
 *   then fail with SCENA_CLOSED. Destroying NULL does nothing.
 * - Using a handle after its end is undefined. A library built for debugging (without NDEBUG, as
 *   the presets dev, asan and tsan are) takes such a handle for NULL, as long as its memory was not
 *   used again: SCENA_INVALID_ARGUMENT, and destroying it once more does nothing.
 * - A function that can fail returns a status and fills `*out_error` on failure only. Pass NULL for
 *   `out_error` when the status is enough. Outputs are untouched on failure.
 * - Strings are UTF-8. Names, paths and JSON end in NUL; message text is pointer and length.
 *   Strings that come out belong to the object asked and are never freed by the caller.
 * - Structs begin with `struct_size`, set by the caller to `sizeof` of the struct it was compiled
 *   with. They grow at the end; a zero member means the default. What a longer struct of a later
 *   header appended is ignored, what a shorter one of an earlier header lacks counts as zero.
 * - With `"threads": 0` one thread at a time runs an engine's loop: inside scena_engine_poll(),
 *   scena_engine_advance() and the calls that wait. While one does, a call of another thread that
 *   waits takes its turn behind it; a poll and an advance fail with SCENA_WRONG_STATE. `any thread`
 *   in a comment holds for engines with and without threads.
 * - Inside a function of the host's that the engine calls (a provider, a tool, ...), commands and
 *   reads do their work and what would wait for the engine fails with SCENA_WRONG_STATE. Handles
 * may be destroyed there, but not the one that a waiting call of the same thread was given. A log
 * sink and a secret source call nothing of the engine.
 * - A process may end with handles that were not destroyed: what was acknowledged is stored,
 * running turns are found as interrupted.
 * - After fork() the child must not use the parent's engines: calls fail with SCENA_WRONG_STATE. It
 *   may destroy its handles, which ends nothing, touches no file and frees only the handles; it may
 *   create engines of its own. The parent goes on as if nothing had happened.
 * - No function throws, prints, exits, or touches signals and locale.
 *
 * A symbol is unstable, stable or deprecated (capi/abi/symbols.txt). All functions of this version
 * are unstable: define SCENA_ENABLE_UNSTABLE before including this header to use them.
 */
#ifndef SCENA_SCENA_H
#define SCENA_SCENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SCENA_API __attribute__((visibility("default")))
#else
#define SCENA_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Number of the binary interface; equal to the one in the library's SONAME. */
#define SCENA_ABI_VERSION 1

/** As a length: the text ends in NUL. */
#define SCENA_NUL_TERMINATED ((size_t)-1)

/** As a timeout: wait without a limit. */
#define SCENA_NO_TIMEOUT ((int64_t)-1)

/** What a call ended with: SCENA_OK or one of the codes below. */
typedef int32_t scena_status;

#define SCENA_OK ((scena_status)0)
#define SCENA_INVALID_ARGUMENT ((scena_status)1) /**< This input can never succeed. */
#define SCENA_WRONG_STATE ((scena_status)2)      /**< A legal call at the wrong moment. */
#define SCENA_UNAVAILABLE ((scena_status)3) /**< No answer from the other side; later may work. */
#define SCENA_NOT_FOUND ((scena_status)4)   /**< No such session, preset, message or model. */
#define SCENA_CONFLICT ((scena_status)5)    /**< Somebody else changed it first. */
#define SCENA_ALREADY_EXISTS ((scena_status)6)    /**< The id is taken. */
#define SCENA_UNAUTHENTICATED ((scena_status)7)   /**< The key or token was refused. */
#define SCENA_PERMISSION_DENIED ((scena_status)8) /**< Known, but not allowed. */
#define SCENA_RATE_LIMITED ((scena_status)9)      /**< Too many calls. */
#define SCENA_QUOTA_EXHAUSTED ((scena_status)10)  /**< The account has no quota left. */
#define SCENA_BUDGET_EXHAUSTED ((scena_status)11) /**< A budget of this engine is used up. */
#define SCENA_TIMEOUT ((scena_status)12)          /**< A time limit passed. */
#define SCENA_CANCELLED ((scena_status)13)        /**< The caller asked to stop. */
#define SCENA_NETWORK ((scena_status)14)          /**< Connecting, TLS or the connection failed. */
#define SCENA_PROTOCOL ((scena_status)15)         /**< The other side broke its protocol. */
#define SCENA_PROVIDER_ERROR ((scena_status)16)   /**< The model service reported a failure. */
#define SCENA_OVERLOADED ((scena_status)17)       /**< No capacity now. */
#define SCENA_CIRCUIT_OPEN ((scena_status)18)     /**< Not tried: it failed too often lately. */
#define SCENA_CONTEXT_OVERFLOW ((scena_status)19) /**< The prompt exceeds the model's context. */
#define SCENA_CONTENT_FILTERED ((scena_status)20) /**< A filter blocked the text. */
#define SCENA_TOO_LARGE ((scena_status)21)        /**< Over a size limit. */
#define SCENA_TOOL_FAILED ((scena_status)22)      /**< A tool reported a failure. */
#define SCENA_LIMIT_REACHED ((scena_status)23)    /**< A limit of session or engine was reached. */
#define SCENA_STORAGE_FULL ((scena_status)24)     /**< The disk has no space; nothing was lost. */
#define SCENA_STORAGE_FAILED ((scena_status)25)   /**< Reading or writing the store failed. */
#define SCENA_STORAGE_CORRUPT ((scena_status)26)  /**< The store is damaged; left untouched. */
#define SCENA_VERSION_MISMATCH ((scena_status)27) /**< Written by a newer version. */
#define SCENA_UNSUPPORTED ((scena_status)28)      /**< Not offered by this build or backend. */
#define SCENA_OUT_OF_MEMORY ((scena_status)29)    /**< An allocation failed. */
#define SCENA_CLOSED ((scena_status)30)           /**< The engine or handle is closed. */
#define SCENA_INTERNAL ((scena_status)31)         /**< A defect in scena; please report it. */

/** One failure: code, text, and where the fault is. */
typedef struct scena_error scena_error;
/** One engine: sessions, presets, storage and model services behind one handle. */
typedef struct scena_engine scena_engine;
/** One running conversation. */
typedef struct scena_session scena_session;
/** One message and its reply in the making. */
typedef struct scena_turn scena_turn;
/** The answer of a queued command, there now or later. */
typedef struct scena_pending scena_pending;
/** A text that a call gave out. */
typedef struct scena_text scena_text;
/** A viewer of a session: its own bounded queue of events. */
typedef struct scena_events scena_events;

/** What a host puts beside scena's own parts: providers, tools. */
typedef struct scena_extensions scena_extensions;
/** One reply that a host's provider makes. */
typedef struct scena_reply scena_reply;
/** One call of a host's tool. */
typedef struct scena_tool_call scena_tool_call;
/** One text that a host's filter looks at. */
typedef struct scena_filter_answer scena_filter_answer;
/** One call of a tool that a host may allow. */
typedef struct scena_approval scena_approval;
/** Where a host's analyzer puts the scores of a message. */
typedef struct scena_scores scena_scores;
/** One attempt at a job of a host. */
typedef struct scena_job_run scena_job_run;
/** Vectors that a host's embedder makes. */
typedef struct scena_embedding scena_embedding;
/** One question for a secret. */
typedef struct scena_secret scena_secret;
/** A batch that runs on threads of its own. */
typedef struct scena_batch scena_batch;
/** The built-in metrics without an engine. */
typedef struct scena_meter scena_meter;
/** Log lines that wait for a host that reads them itself: a bounded queue. */
typedef struct scena_logs scena_logs;

/**
 * A source of model replies. The functions return soon; the reply may come later, from any thread.
 * They come on the strand of the session that asks, never two at once for one session, and none
 * comes after `destroy`.
 */
typedef struct scena_provider {
  uint32_t struct_size; /**< sizeof(scena_provider). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /**
   * Begin one reply. `request_json` (docs/reference/c-extensions.md) is valid during the call. The
   * handle is the host's, who must end it with scena_reply_finish() or scena_reply_fail().
   */
  void (*start)(void* user_data, const char* request_json, scena_reply* reply);
  /**
   * The reply is not wanted any more; what is still told is dropped, but the handle must still be
   * ended. May come from any thread that cancels, at most once and never before `start` returned:
   * what is cancelled meanwhile is told right after it. Whoever ends the handle on another thread
   * does not wait for a `cancel` that runs, whose handle stays valid until it returns. May be NULL.
   */
  void (*cancel)(void* user_data, scena_reply* reply);
  /** Called once, when nothing of the engine needs the provider any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_provider;

/** The tool may be called again after a crash cut a call off. */
#define SCENA_TOOL_IDEMPOTENT ((uint32_t)1)
/** Every character may use it, also where no preset names it. */
#define SCENA_TOOL_EVERYWHERE ((uint32_t)2)
/** Each call is asked for first: scena_extensions_set_tool_approval(). */
#define SCENA_TOOL_NEEDS_APPROVAL ((uint32_t)4)

/** A function that models may ask for. Threads and time as in scena_provider. */
typedef struct scena_tool {
  uint32_t struct_size;        /**< sizeof(scena_tool). */
  uint32_t flags;              /**< SCENA_TOOL_..., joined by |. */
  void* user_data;             /**< Handed to every function below. */
  const char* name;            /**< 1 to 64 of A-Z a-z 0-9 _ -; copied. */
  const char* description;     /**< For the model; copied. */
  const char* parameters_json; /**< JSON schema of the arguments; NULL: none; copied. */
  int64_t time_limit_ms;       /**< Of one call, on the engine's clock; 0: 30 s. */
  int64_t cache_for_ms;        /**< Equal calls share a result for so long; 0: never. */
  /**
   * Begin one call. `request_json` has call, tool, tenant, session, subject, character and
   * arguments, which follow the schema. The handle is the host's, who must end it with
   * scena_tool_call_succeed() or scena_tool_call_fail().
   */
  void (*call)(void* user_data, const char* request_json, scena_tool_call* call);
  /**
   * The answer is not wanted any more; the handle must still be ended. Comes at most once and never
   * before `call` returned. May be NULL.
   */
  void (*cancel)(void* user_data, scena_tool_call* call);
  /** Called once, when nothing of the engine needs the tool any more. May be NULL. */
  void (*destroy)(void* user_data);
  int64_t max_result_bytes;  /**< A larger result is a failed call; 0: 64 KiB. */
  int64_t max_result_tokens; /**< So is one of more estimated tokens; 0: 16,000. */
} scena_tool;

/** Asked before each call of a tool that needs approval. Threads and time as in scena_provider. */
typedef struct scena_tool_approval {
  uint32_t struct_size; /**< sizeof(scena_tool_approval). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /**
   * Begin one question. `request_json` as in scena_tool. The handle is the host's, who must end it
   * with scena_approval_allow() or scena_approval_refuse(), at once or later, from any thread. What
   * is not answered within five minutes of engine time is refused.
   */
  void (*ask)(void* user_data, const char* request_json, scena_approval* approval);
  /** Called once, when nothing of the engine needs the table any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_tool_approval;

/**
 * Looks at every text that enters or leaves a model. The functions return soon; the answer may come
 * later, from any thread. They come on the strand of the session, never two at once for one
 * session; text that follows waits.
 */
typedef struct scena_filter {
  uint32_t struct_size; /**< sizeof(scena_filter). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /**
   * Output is delivered only when this many bytes more have arrived, so that a word that is cut in
   * two can still be seen whole; 0: every batch is checked and passed on as it comes.
   */
  uint64_t hold_back;
  /**
   * Look at a whole message of a human, or a side question. The strings are valid during the call.
   * The handle is the host's, who must end it with scena_filter_answer_pass(), _rewrite() or
   * _block(). May be NULL: all input passes.
   */
  void (*check_input)(void* user_data, const char* session, const char* speaker, uint32_t is_final,
                      const char* text, size_t text_len, scena_filter_answer* answer);
  /**
   * The same for what is held back and not yet delivered; a rewrite replaces all of it. `is_final`
   * is 1 when no more text follows in this turn, or before tools have run. May be NULL.
   */
  void (*check_output)(void* user_data, const char* session, const char* speaker, uint32_t is_final,
                       const char* text, size_t text_len, scena_filter_answer* answer);
  /** Called once, when nothing of the engine needs the filter any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_filter;

/**
 * A metric. What it gives depends on its arguments alone, so that the same transcript has the same
 * scores. All functions come on the strand of the session, and answer at once.
 */
typedef struct scena_analyzer {
  uint32_t struct_size; /**< sizeof(scena_analyzer). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  const char* name;     /**< Of the metric, e.g. "questions"; copied. */
  /** A memory for one session, empty; handed to the functions below. May be NULL: there is none. */
  void* (*open_session)(void* user_data);
  /**
   * Start measuring a message: `message_json` has id, speaker, from_human, time (microseconds since
   * 1970) and latency_us. The result stands for the measurement below. May be NULL: NULL does.
   */
  void* (*begin)(void* user_data, void* session, const char* message_json);
  /** The next piece of the text, whole UTF-8 characters, which ends in NUL. */
  void (*add)(void* user_data, void* measurement, const char* text, size_t text_len);
  /** Tell the scores of the text so far by scena_scores_add(); may come at any time. */
  void (*scores)(void* user_data, void* measurement, scena_scores* scores);
  /** The message was stored: the measurement is the memory's now. NULL: discard comes instead. */
  void (*keep)(void* user_data, void* session, void* measurement);
  /** Messages at and after this one left the conversation (edit, undo, regenerate). */
  void (*forget_from)(void* user_data, void* session, const char* message);
  /** A measurement that was not kept ends. May be NULL. */
  void (*discard)(void* user_data, void* session, void* measurement);
  /** The memory's session ends; all its measurements were kept or discarded. May be NULL. */
  void (*close_session)(void* user_data, void* session);
  /** Called once, when nothing of the engine needs the analyzer any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_analyzer;

/**
 * Does the background jobs of one kind. The functions return soon; the answer may come later, from
 * any thread. An attempt is stored before `run` is called, so a crash in mid-work means that it is
 * called again: make the work so that this does no harm.
 */
typedef struct scena_job_handler {
  uint32_t struct_size;  /**< sizeof(scena_job_handler). */
  uint32_t parallel;     /**< Jobs of the kind that run at once; 0: 4. */
  void* user_data;       /**< Handed to every function below. */
  int64_t time_limit_ms; /**< Of one attempt, on the engine's clock; 0: 300 s. */
  /**
   * Begin one attempt. `job_json` is as scena_engine_job() tells it, valid during the call. The
   * handle is the host's, who must end it with scena_job_run_succeed(), _fail() or _give_up().
   */
  void (*run)(void* user_data, const char* job_json, scena_job_run* run);
  /**
   * The answer is not wanted any more (the job was cancelled, its time is up, the engine closes);
   * the handle must still be ended. Comes at most once and never before `run` returned. May be
   * NULL.
   */
  void (*cancel)(void* user_data, scena_job_run* run);
  /** Called once, when nothing of the engine needs the handler any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_job_handler;

/**
 * Gets the durable events of sessions from the store: each at least once, those of one session in
 * order, the next one when the one before it was taken, dead or dropped. The functions return soon;
 * the answer may come later, from any thread. All pointers are copied when the table is added.
 */
typedef struct scena_event_sink {
  uint32_t struct_size; /**< sizeof(scena_event_sink). */
  uint32_t parallel;    /**< Sessions that are delivered at once; 0: 4. */
  void* user_data;      /**< Handed to every function below. */
  /** Types ("turn.finished", "message.*") in an array that ends in NULL; NULL: all that are stored.
   */
  const char* const* events;
  const char* tenant;    /**< Only this one's events; NULL: of all. */
  int64_t time_limit_ms; /**< Of one delivery, on the engine's clock; 0: 15 s. */
  uint64_t max_waiting;  /**< Events of a tenant that wait; over it the oldest goes; 0: 10,000. */
  uint32_t max_attempts; /**< Deliveries of one event before it is a dead letter; 0: 8. */
  uint32_t reserved;     /**< 0. */
  /**
   * Begin one delivery. `event_json` is as in scena_event, `job_json` as scena_engine_job() tells
   * it, both valid during the call; `attempts` says how often this was tried. The handle is the
   * host's, who must end it with scena_job_run_succeed(), _fail() or _give_up().
   */
  void (*deliver)(void* user_data, const char* event_json, const char* job_json,
                  scena_job_run* run);
  /** As in scena_job_handler. */
  void (*cancel)(void* user_data, scena_job_run* run);
  /** Called once, when nothing of the engine needs the sink any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_event_sink;

/** A source of vectors for texts. Threads and time as in scena_provider. */
typedef struct scena_embedder {
  uint32_t struct_size; /**< sizeof(scena_embedder). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /**
   * Begin. `request_json` (docs/reference/c-extensions.md) is valid during the call. The handle is
   * the host's, who must end it with scena_embedding_succeed() or scena_embedding_fail().
   */
  void (*start)(void* user_data, const char* request_json, scena_embedding* embedding);
  /**
   * The vectors are not wanted any more; the handle must still be ended. Comes at most once and
   * never before `start` returned. May be NULL.
   */
  void (*cancel)(void* user_data, scena_embedding* embedding);
  /** Called once, when nothing of the engine needs the embedder any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_embedder;

/**
 * Where keys come from that the configuration leaves out. May be asked from any thread, at any
 * time; it returns soon and calls nothing of the engine but scena_secret_set().
 */
typedef struct scena_secret_source {
  uint32_t struct_size; /**< sizeof(scena_secret_source). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /**
   * Look a secret up, by the name of the usual environment variable ("OPENAI_API_KEY"). SCENA_OK
   * after scena_secret_set(); SCENA_NOT_FOUND when it is not here; any other code: it could not be
   * read, and who asked fails with that code.
   */
  scena_status (*get)(void* user_data, const char* name, scena_secret* secret);
  /** Called once, when nothing of the engine needs the source any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_secret_source;

/** Counts tokens as a family of models does. Called from any engine thread, several at once. */
typedef struct scena_token_counter {
  uint32_t struct_size; /**< sizeof(scena_token_counter). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /**
   * Tokens of a text by itself, which ends in NUL. It should take microseconds: a turn counts its
   * whole prompt. Below zero: it cannot say, and a token for each four bytes counts.
   */
  int64_t (*count)(void* user_data, const char* text, size_t text_len);
  /** Called once, when nothing of the engine needs the counter any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_token_counter;

/* Levels of a log line, rising. */
#define SCENA_LOG_TRACE ((int32_t)0) /**< Every step. */
#define SCENA_LOG_DEBUG ((int32_t)1) /**< For who looks for a fault. */
#define SCENA_LOG_INFO ((int32_t)2)  /**< What an operator wants to know. */
#define SCENA_LOG_WARN ((int32_t)3)  /**< Something went wrong and was mended. */
#define SCENA_LOG_ERROR ((int32_t)4) /**< Something went wrong. */

/**
 * Where log lines go. Called from any engine thread, never twice at once for one engine; it returns
 * soon and calls nothing of the engine.
 */
typedef struct scena_log_sink {
  uint32_t struct_size; /**< sizeof(scena_log_sink). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /** One line as JSON (docs/guide/logs.md), which ends in NUL and is valid during the call. */
  void (*write)(void* user_data, int32_t level, const char* line_json, size_t line_len);
  /** Called once, when nothing of the engine writes any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_log_sink;

/** One log line of a queue. Pointers are valid until the next call on the queue it came from. */
typedef struct scena_log_line {
  uint32_t struct_size; /**< sizeof(scena_log_line), set by the caller. */
  int32_t level;        /**< SCENA_LOG_... */
  uint64_t dropped;     /**< Lines lost between the one read before and this one. */
  const char* json;     /**< The line (docs/guide/logs.md), which ends in NUL. */
  size_t json_len;      /**< Bytes in `json`. */
} scena_log_line;

/**
 * Hears a reply while it comes: one outside of a session on the engine's thread, one of
 * scena_session_send_wait() on the thread that waits.
 */
typedef struct scena_live {
  uint32_t struct_size; /**< sizeof(scena_live). */
  uint32_t reserved;    /**< 0. */
  void* user_data;      /**< Handed to every function below. */
  /** A piece of the text: whole UTF-8 characters, which end in NUL. May be NULL. */
  void (*text)(void* user_data, const char* text, size_t text_len);
  /** A piece of what the model thinks aloud. May be NULL. */
  void (*reasoning)(void* user_data, const char* text, size_t text_len);
  /** Called once, when nothing comes any more. May be NULL. */
  void (*destroy)(void* user_data);
} scena_live;

/** How a session is created. All pointers are borrowed for the call. */
typedef struct scena_session_options {
  uint32_t struct_size;   /**< sizeof(scena_session_options). */
  uint32_t reserved;      /**< 0. */
  uint64_t seed;          /**< Of the session's random generator; 0: from the engine's. */
  const char* id;         /**< NULL: a new UUID of version 7. */
  const char* owner;      /**< User id of the owner; may be NULL. */
  const char* title;      /**< NULL: the preset's. */
  const char* provider;   /**< Overrides preset and configuration; may be NULL. */
  const char* model;      /**< The same for the model. */
  const char* command_id; /**< The same id again gives the first result; may be NULL. */
  /** Pairs in one array that ends in NULL: name, value, name, value, NULL. May be NULL. */
  const char* const* variables;
  const char* const* labels;    /**< Pairs of label and value, like `variables`. */
  const char* const* played_by; /**< Pairs of character and "human" or "ai". */
  /** "keep" or "session": nothing is left of it so long after its end. NULL: the configuration's.
   */
  const char* retention;
  int64_t retention_ttl_ms; /**< 0: the configuration's; below 0: none, it goes with its end. */
} scena_session_options;

/** The message is stored and no reply is asked for. */
#define SCENA_SEND_NO_REPLY ((uint32_t)1)
/** A reply that does not follow `json_schema` is asked for once more, with what was wrong. */
#define SCENA_SEND_REPAIR ((uint32_t)2)

/** How a message is sent. All pointers are borrowed for the call. */
typedef struct scena_send_options {
  uint32_t struct_size;    /**< sizeof(scena_send_options). */
  uint32_t flags;          /**< SCENA_SEND_... or 0. */
  int64_t deadline_ms;     /**< For the whole reply, approvals and tools included, in place of the
                                preset's limit and never longer than timeouts.total_ms of the
                                configuration; 0: these two. */
  const char* participant; /**< Who speaks; NULL: the session's only human. */
  const char* command_id;  /**< The same id again sends nothing and gives the first result. */
  const char* character;   /**< Who answers; NULL: the turn policy decides. */
  const char* model;       /**< For this reply only; may be NULL. */
  /** Who perceives the message: ids in an array that ends in NULL; empty: hosts; NULL: everybody.
   */
  const char* const* audience;
  /** The reply must be JSON that follows this JSON Schema, and is heard of only when it was judged:
   *  one that does not ends its turn as failed, with SCENA_PROTOCOL; a refusal is not judged and
   *  ends it as complete, with its finish reason. NULL: any text. */
  const char* json_schema;
} scena_send_options;

/** One delta event for everything that arrived together. */
#define SCENA_EVENTS_BATCHES ((uint32_t)1)
/** Events of type `delta` have an empty `json`: writing it takes time. Their `text` is all. */
#define SCENA_EVENTS_NO_DELTA_JSON ((uint32_t)2)

/** How a session is viewed. All pointers are borrowed for the call. */
typedef struct scena_events_options {
  uint32_t struct_size; /**< sizeof(scena_events_options). */
  uint32_t flags;       /**< SCENA_EVENTS_ flags, or 0. */
  const char*
      after; /**< Cursor of the last event seen; NULL: from the beginning; "live": from now. */
  const char* participant; /**< See what this participant may see; NULL: everything. */
  size_t max_events;       /**< That may wait; 0: the configuration's. */
  size_t max_bytes;        /**< That may wait; 0: the configuration's. */
  /**
   * See these types alone, e.g. "turn.finished", or "message.*" for all that begin so; the list
   * ends in NULL. Others are passed over while the viewer is read; until then they count against
   * its limits. "lagged" comes in any case. NULL, or an empty list: all types.
   */
  const char* const* types;
} scena_events_options;

/** Runs of a batch that failed in an earlier try are made again. */
#define SCENA_BATCH_RETRY_FAILED ((uint32_t)1)

/** How a batch runs; nothing of it changes what comes out. All pointers are borrowed for the call.
 */
typedef struct scena_batch_options {
  uint32_t struct_size; /**< sizeof(scena_batch_options). */
  uint32_t flags;       /**< SCENA_BATCH_RETRY_FAILED or 0. */
  uint32_t workers;     /**< Threads, each with engines of its own, up to 256; 0: 1. */
  uint32_t reserved;    /**< 0. */
  const char* folder;   /**< Where rows and sessions go; NULL: nowhere, and nothing is resumed. */
  const char* plan_folder; /**< What paths in the plan are relative to; NULL: where we are. */
  void* user_data;         /**< Handed to `progress`. */
  /**
   * Called after each start and end of a run, one at a time, on a worker's thread, with {total,
   * done, failed, running, cost}, valid during the call; before them once, on the thread that runs
   * the batch, where an earlier try has finished some. Anything but 0 ends the batch: sessions that
   * run are given up. May be NULL.
   */
  int32_t (*progress)(void* user_data, const char* progress_json);
} scena_batch_options;

/** Also messages that were replaced, edited away or undone. */
#define SCENA_MESSAGES_ALL ((uint32_t)1)

/** One event. Pointers are valid until the next call on the queue it came from. */
typedef struct scena_event {
  uint32_t struct_size; /**< sizeof(scena_event), set by the caller. */
  uint32_t
      is_durable;     /**< 1: stored, `seq` is its own; 0: live, `seq` is the last durable one's. */
  uint64_t seq;       /**< Place in the session's stream. */
  int64_t off;        /**< Bytes of the running text before `text`; `lagged`: read; -1: none. */
  const char* type;   /**< "delta", "turn.finished", ...; ends in NUL. */
  const char* text;   /**< Deltas: the new text; never NULL; ends in NUL. */
  size_t text_len;    /**< Bytes in `text`. */
  const char* json;   /**< The whole event as one line of JSON, unless left out; ends in NUL. */
  size_t json_len;    /**< Bytes in `json`. */
  const char* cursor; /**< Where a reader stands that has seen this event; ends in NUL. */
} scena_event;

#ifdef SCENA_ENABLE_UNSTABLE

/**
 * The library's version, e.g. "0.1.0".
 *
 * @return never NULL.
 *
 * Ownership: the string lives as long as the library is loaded.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_version_string(void);

/**
 * The binary interface that the loaded library offers.
 *
 * A program compares it with SCENA_ABI_VERSION of the header it was compiled with, and refuses to
 * go on when they differ.
 *
 * @return a number from 1.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API uint32_t scena_abi_version(void);

/**
 * The size of a struct of this header in the loaded library.
 *
 * Bindings that write structs by hand compare it with their own on load.
 *
 * @param name  The struct's name, e.g. "scena_event".
 * @return bytes, or 0 for NULL and unknown names.
 *
 * Ownership: `name` is borrowed for the call.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API size_t scena_abi_sizeof(const char* name);

/**
 * What kind of failure it was.
 *
 * @return a status, never SCENA_OK; SCENA_INTERNAL for NULL.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_error_code(const scena_error* error);

/**
 * What was wrong and what to do, in one or more lines; never a secret, never a message's text.
 *
 * @return never NULL; "" for NULL.
 *
 * Ownership: borrowed from `error`, valid until it is destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_error_message(const scena_error* error);

/**
 * The JSON pointer of the member at fault, e.g. "/limits/history_items".
 *
 * @return never NULL; "" when there is none.
 *
 * Ownership: borrowed from `error`, valid until it is destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_error_pointer(const scena_error* error);

/**
 * How long to wait before a retry, where the other side said so.
 *
 * @return milliseconds, or -1 when nothing was said.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API int64_t scena_error_retry_after_ms(const scena_error* error);

/**
 * The HTTP status of the model service's answer.
 *
 * @return 0 when there is none, and for NULL.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API int32_t scena_error_provider_status(const scena_error* error);

/**
 * The model service's own words, at most 4 KiB of UTF-8, without secrets. May hold line ends.
 *
 * @return never NULL; "" when it said nothing, and for NULL.
 *
 * Ownership: borrowed from `error`, valid until it is destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_error_provider_message(const scena_error* error);

/**
 * How far a call of a model service came before it failed: tells apart what one code covers.
 *
 * @return "status", "body", "stream", "finish" or "cut": where in the answer the failure lies. ""
 *         when no answer began, or it was no such call, and for NULL.
 *
 * Ownership: a literal.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_error_point(const scena_error* error);

/**
 * Destroy an error.
 *
 * @param error  May be NULL.
 *
 * Ownership: `error` and the strings borrowed from it are gone.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_error_destroy(scena_error* error);

/**
 * Check a configuration, open the storage, start threads if any are configured.
 *
 * @param config_json  A JSON object as docs/reference/configuration.md describes it; NULL or "{}"
 *                     for the defaults: no threads, storage in memory, scripted replies. At most
 *                     1 MiB.
 * @param out_engine   Receives the engine.
 * @param out_error    Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault in one message; the storage's own
 * codes.
 *
 * Ownership: `config_json` is copied. The caller destroys `*out_engine` and `*out_error`.
 * Threading: any thread. Engines share nothing; a process may have several.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_create(const char* config_json, scena_engine** out_engine,
                                           scena_error** out_error);

/**
 * scena_engine_create_extended() with a configuration whose members the environment replaces, by
 * the variables of docs/reference/configuration.md. Nothing else in the library reads the
 * environment.
 *
 * @param config_json  What holds where no variable is set; NULL or "{}": the defaults.
 * @param extensions   NULL for none. May be used for several engines.
 * @param out_engine   Receives the engine.
 * @param out_error    Receives an error object on failure only; may be NULL.
 * @return as scena_engine_create(); a fault names the variable.
 *
 * Ownership: `config_json` is copied, `extensions` remains the caller's. The caller destroys
 * `*out_engine` and `*out_error`.
 * Threading: any thread, while none changes the environment.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_create_from_env(const char* config_json,
                                                    const scena_extensions* extensions,
                                                    scena_engine** out_engine,
                                                    scena_error** out_error);

/**
 * Look for the faults of a preset, without an engine and without storing it.
 *
 * @param preset_json  A preset (docs/reference/presets.md), whatever it is.
 * @param out_json     Receives [{"pointer", "message", "example"}, ...], empty for none.
 * @param out_error    Receives an error object on failure only; may be NULL.
 * @return SCENA_OK, also when there are faults; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: `preset_json` is borrowed. The caller destroys `*out_json` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_preset_check(const char* preset_json, scena_text** out_json,
                                          scena_error** out_error);

/**
 * Make what measures single messages as sessions do, without an engine. Takes about a millisecond.
 *
 * @param out_meter  Receives the meter.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: the caller destroys `*out_meter` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_meter_create(scena_meter** out_meter, scena_error** out_error);

/**
 * Measure one message.
 *
 * @param message_json  {"text", "id", "question", "history": [{"role": "self" or "other",
 * "text"}]}, of which only `text` is needed. Of a member that occurs twice the last counts.
 * @param out_json      Receives {"id", "sentiment", "evasiveness", ...}
 * (docs/reference/metrics.md); a metric that is not computed is null.
 * @param out_error     Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault.
 *
 * Ownership: `message_json` is borrowed. The caller destroys `*out_json` and `*out_error`.
 * Threading: any thread, several at once; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_meter_measure(const scena_meter* meter, const char* message_json,
                                           scena_text** out_json, scena_error** out_error);

/**
 * Destroy a meter.
 *
 * @param meter  May be NULL.
 *
 * Ownership: `meter` is gone.
 * Threading: when no other call uses the meter; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_meter_destroy(scena_meter* meter);

/**
 * Make an empty set of extensions for scena_engine_create_extended().
 *
 * @param out_extensions  Receives the set.
 * @param out_error       Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: the caller destroys `*out_extensions` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_create(scena_extensions** out_extensions,
                                               scena_error** out_error);

/**
 * Destroy a set of extensions. Engines created with it keep what it held.
 *
 * @param extensions  May be NULL.
 *
 * Ownership: `extensions` is gone. Tables that no engine holds get their `destroy`.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API void scena_extensions_destroy(scena_extensions* extensions);

/**
 * Add a provider under the name that sessions and the configuration's "provider" use.
 *
 * @param name       Not empty; the same name again replaces the provider.
 * @param provider   The table; `start` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table and `name` are copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_provider(scena_extensions* extensions, const char* name,
                                                     const scena_provider* provider,
                                                     scena_error** out_error);

/**
 * Add a tool. Whether its schema is one is checked when an engine is created with it.
 *
 * @param tool       The table; `name` and `call` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table and its texts are copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_tool(scena_extensions* extensions,
                                                 const scena_tool* tool, scena_error** out_error);

/**
 * Add an analyzer: its scores stand beside the built-in ones.
 *
 * @param analyzer   The table; `name`, `add` and `scores` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table and `name` are copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_analyzer(scena_extensions* extensions,
                                                     const scena_analyzer* analyzer,
                                                     scena_error** out_error);

/**
 * Set the filter that looks at every text that enters or leaves a model. The one set last counts.
 *
 * @param filter  The table; one of its checks must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_set_filter(scena_extensions* extensions,
                                                   const scena_filter* filter,
                                                   scena_error** out_error);

/**
 * Set where log lines go; without one they go nowhere. The one set last counts.
 *
 * @param log_sink  The table; `write` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_set_log_sink(scena_extensions* extensions,
                                                     const scena_log_sink* log_sink,
                                                     scena_error** out_error);

/**
 * Add a sink for the events of sessions, beside the configured webhooks.
 *
 * @param name  1 to 64 letters, digits, "_" and "-"; no webhook's name.
 * @param sink  The table; `deliver` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_event_sink(scena_extensions* extensions,
                                                       const char* name,
                                                       const scena_event_sink* sink,
                                                       scena_error** out_error);

/**
 * Add a source of vectors under a name; it takes the place of a configured one.
 *
 * @param name  What scena_engine_embed() calls it.
 * @param embedder  The table; `start` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_embedder(scena_extensions* extensions, const char* name,
                                                     const scena_embedder* embedder,
                                                     scena_error** out_error);

/**
 * Set where keys come from that the configuration leaves out; without one they are absent. The one
 * set last counts.
 *
 * @param source  The table; `get` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_set_secret_source(scena_extensions* extensions,
                                                          const scena_secret_source* source,
                                                          scena_error** out_error);

/**
 * Add a counter of tokens for models whose names begin in a way; without one the engine estimates.
 *
 * @param models  How their names begin ("gpt-4o"); the longest that fits counts, "*" fits all.
 * @param counter  The table; `count` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_token_counter(scena_extensions* extensions,
                                                          const char* models,
                                                          const scena_token_counter* counter,
                                                          scena_error** out_error);

/**
 * Let log lines wait in a queue, for a host that reads them when it likes, in place of a sink. What
 * is set last counts, a sink or a queue; one queue gets the lines of all engines made with it.
 *
 * @param max_lines  That may wait; 0: 1000.
 * @param max_bytes  That may wait; 0: 1 MiB. Over a bound the oldest lines are lost, and counted.
 * @param out_logs  Receives the queue.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: the caller destroys `*out_logs`, before or after the engines, and `*out_error`.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_open_logs(scena_extensions* extensions, size_t max_lines,
                                                  size_t max_bytes, scena_logs** out_logs,
                                                  scena_error** out_error);

/**
 * Take the next log line. Calls nothing of an engine: a thread of the host's own may wait here.
 *
 * @param timeout_ms  0 looks only; SCENA_NO_TIMEOUT waits without a limit.
 * @param out_line  Its struct_size is set by the caller.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_TIMEOUT when none came; SCENA_CLOSED when none comes any more, because
 *         the engines, every handle of them and the extensions are destroyed;
 *         SCENA_INVALID_ARGUMENT.
 *
 * Ownership: what `*out_line` points to is the queue's, until the next call.
 * Threading: one thread at a time per logs; also inside callbacks, with a timeout of 0.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_logs_next(scena_logs* logs, int64_t timeout_ms,
                                       scena_log_line* out_line, scena_error** out_error);

/**
 * Let go of a queue; lines that come later go nowhere. Nothing for NULL.
 *
 * Ownership: frees the queue.
 * Threading: one thread at a time per logs.
 * Since: ABI 1.
 */
SCENA_API void scena_logs_destroy(scena_logs* logs);

/**
 * Set who is asked before calls of tools that need approval. The one set last counts.
 *
 * @param approval  The table; `ask` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table is copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_set_tool_approval(scena_extensions* extensions,
                                                          const scena_tool_approval* approval,
                                                          scena_error** out_error);

/**
 * Add who does the background jobs of one kind.
 *
 * @param kind       Of the jobs, not empty; the same kind again replaces the handler. A name that
 *                   is the engine's own is a fault when an engine is created with it.
 * @param handler    The table; `run` must not be NULL.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming the member at fault: `destroy` is not called
 * then.
 *
 * Ownership: the table and `kind` are copied; `user_data` is kept until `destroy` is called.
 * Threading: one thread at a time per extensions.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_extensions_add_job_handler(scena_extensions* extensions,
                                                        const char* kind,
                                                        const scena_job_handler* handler,
                                                        scena_error** out_error);

/**
 * scena_engine_create() with a host's own extensions.
 *
 * @param extensions  NULL for none. May be used for several engines.
 * @return as scena_engine_create(); SCENA_INVALID_ARGUMENT also for a tool's schema that is none.
 *
 * Ownership: as scena_engine_create(); `extensions` remains the caller's.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_create_extended(const char* config_json,
                                                    const scena_extensions* extensions,
                                                    scena_engine** out_engine,
                                                    scena_error** out_error);

/**
 * Hand out a piece of the reply. It may end inside a character, whose rest is then the beginning of
 * the next piece.
 *
 * @param text      UTF-8; what is not becomes U+FFFD.
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 * @return SCENA_OK; SCENA_CANCELLED when the reply is not wanted any more;
 *         SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: `text` is copied.
 * Threading: one thread at a time per reply; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_reply_text(scena_reply* reply, const char* text, size_t text_len);

/**
 * Hand out a piece of what the model thinks aloud; no part of the reply. Cut as in
 * scena_reply_text().
 *
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 * @return as scena_reply_text().
 *
 * Ownership: `text` is copied.
 * Threading: one thread at a time per reply; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_reply_reasoning(scena_reply* reply, const char* text, size_t text_len);

/**
 * Ask for a tool.
 *
 * @param id              The call's id; NULL: one is made.
 * @param name            The tool's name.
 * @param arguments_json  A JSON object; NULL: {}.
 * @return as scena_reply_text().
 *
 * Ownership: everything is copied.
 * Threading: one thread at a time per reply; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_reply_tool_call(scena_reply* reply, const char* id, const char* name,
                                             const char* arguments_json);

/**
 * Tell what the reply used so far. The last call counts.
 *
 * @param input_tokens   Tokens of the prompt; -1: not known.
 * @param output_tokens  Tokens of the reply; -1: not known.
 * @return as scena_reply_text().
 *
 * Ownership: nothing is handed over.
 * Threading: one thread at a time per reply; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_reply_usage(scena_reply* reply, int64_t input_tokens,
                                         int64_t output_tokens);

/**
 * End a reply as complete.
 *
 * @param reply          May be NULL.
 * @param finish_reason  "stop", "length", "tool_calls", "content_filter", "refusal" or another of
 *                       docs/reference/events.md; NULL: "stop", or "tool_calls" after a call.
 *                       An unknown word counts as "other".
 *
 * Ownership: `reply` is gone.
 * Threading: one thread at a time per reply; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_reply_finish(scena_reply* reply, const char* finish_reason);

/**
 * End a reply as failed, or as truncated when something of it was handed out.
 *
 * @param reply    May be NULL.
 * @param code     What went wrong, e.g. SCENA_RATE_LIMITED; decides whether it is tried again.
 *                 SCENA_OK and unknown numbers count as SCENA_PROVIDER_ERROR.
 * @param message  One line for the log and the user, without secrets; NULL: a text of its own.
 *
 * Ownership: `reply` is gone.
 * Threading: one thread at a time per reply; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_reply_fail(scena_reply* reply, scena_status code, const char* message);

/**
 * Answer a call with its result.
 *
 * @param call      May be NULL.
 * @param text      What the model reads: JSON or plain text; what is not UTF-8 becomes U+FFFD.
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 *
 * Ownership: `call` is gone; `text` is copied.
 * Threading: one thread at a time per call; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_tool_call_succeed(scena_tool_call* call, const char* text, size_t text_len);

/**
 * Answer a call with a failure, which the model is told.
 *
 * @param call    May be NULL.
 * @param reason  One line for the model; NULL: a text of its own.
 *
 * Ownership: `call` is gone; `reason` is copied.
 * Threading: one thread at a time per call; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_tool_call_fail(scena_tool_call* call, const char* reason);

/**
 * Let a text pass as it is. Nothing for NULL.
 *
 * Ownership: `answer` is gone.
 * Threading: one thread at a time per answer; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_filter_answer_pass(scena_filter_answer* answer);

/**
 * Put another text in the place of the one that was looked at. Nothing for NULL.
 *
 * @param text      UTF-8; NULL: the empty text.
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 *
 * Ownership: `answer` is gone; `text` is copied.
 * Threading: one thread at a time per answer; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_filter_answer_rewrite(scena_filter_answer* answer, const char* text,
                                           size_t text_len);

/**
 * Block a text: a command is refused with SCENA_CONTENT_FILTERED, a reply ends with the finish
 * reason content_filter. Nothing for NULL.
 *
 * @param reason  For the event and the error, never the text itself; may be NULL.
 *
 * Ownership: `answer` is gone; `reason` is copied.
 * Threading: one thread at a time per answer; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_filter_answer_block(scena_filter_answer* answer, const char* reason);

/**
 * Let a tool be called. Nothing for NULL.
 *
 * Ownership: `approval` is gone.
 * Threading: one thread at a time per approval; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_approval_allow(scena_approval* approval);

/**
 * Refuse a call: the model is told. Nothing for NULL.
 *
 * @param reason  One line for the model; may be NULL.
 *
 * Ownership: `approval` is gone; `reason` is copied.
 * Threading: one thread at a time per approval; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_approval_refuse(scena_approval* approval, const char* reason);

/**
 * End an attempt at a job: it is done. Nothing for NULL.
 *
 * @param text      The result, at most 1 MiB; what is not UTF-8 becomes U+FFFD; NULL: empty.
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 *
 * Ownership: `run` is gone; `text` is copied.
 * Threading: one thread at a time per run; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_job_run_succeed(scena_job_run* run, const char* text, size_t text_len);

/**
 * End an attempt at a job: it failed, and is tried again while there are attempts left. Nothing for
 * NULL.
 *
 * @param reason  One line; NULL: a text of its own.
 *
 * Ownership: `run` is gone; `reason` is copied.
 * Threading: one thread at a time per run; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_job_run_fail(scena_job_run* run, const char* reason);

/**
 * End an attempt at a job: trying again is of no use, the job is dead. Nothing for NULL.
 *
 * @param reason  One line; NULL: a text of its own.
 *
 * Ownership: `run` is gone; `reason` is copied.
 * Threading: one thread at a time per run; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_job_run_give_up(scena_job_run* run, const char* reason);

/**
 * End a request for vectors with all of them. Nothing for NULL. A number that is not finite, or
 * another count than that of the texts, is a failure with SCENA_PROTOCOL.
 *
 * @param values  The vectors, one behind the other, in the order of the texts.
 * @param count  Of vectors.
 * @param dimensions  Numbers in each, 1 or more.
 * @param input_tokens  That were used; below 0: unknown.
 *
 * Ownership: `embedding` is gone; `values` is copied.
 * Threading: one thread at a time per embedding; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_embedding_succeed(scena_embedding* embedding, const float* values,
                                       size_t count, size_t dimensions, int64_t input_tokens);

/**
 * End a request for vectors without them. Nothing for NULL.
 *
 * @param code  Why; SCENA_OK and unknown codes count as SCENA_PROVIDER_ERROR.
 * @param message  One line, without secrets and texts; NULL: a text of its own.
 *
 * Ownership: `embedding` is gone; `message` is copied.
 * Threading: one thread at a time per embedding; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_embedding_fail(scena_embedding* embedding, scena_status code,
                                    const char* message);

/**
 * Tell a secret that was asked for; before `get` returns.
 *
 * @param value_len  Bytes in `value`, or SCENA_NUL_TERMINATED.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: `value` is copied.
 * Threading: the thread of `get`, inside it.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_secret_set(scena_secret* secret, const char* value, size_t value_len);

/**
 * Tell one score of the message.
 *
 * @param metric      NULL: the analyzer's name.
 * @param confidence  0 to 1.
 * @param label       A class name where the metric has classes; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL and for what is no number; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: everything is copied. `scores` is valid during the call that brought it.
 * Threading: the one of the call that brought `scores`; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_scores_add(scena_scores* scores, const char* metric, double value,
                                        double confidence, const char* label);

/**
 * Tell where the score told last shows: bytes [begin, end) of a message's text.
 *
 * @param message  Id of the message.
 * @param reason   A fixed word; may be NULL.
 * @return SCENA_OK; SCENA_WRONG_STATE before the first score; SCENA_INVALID_ARGUMENT;
 *         SCENA_OUT_OF_MEMORY.
 *
 * Ownership: everything is copied.
 * Threading: as scena_scores_add().
 * Since: ABI 1.
 */
SCENA_API scena_status scena_scores_evidence(scena_scores* scores, const char* message,
                                             size_t begin, size_t end, const char* reason);

/**
 * The same engine under somebody's rights: what the principal may not do fails with
 * SCENA_PERMISSION_DENIED, what it may not know of with SCENA_NOT_FOUND.
 *
 * @param principal_json  {"tenant", "subject", "roles": [...], "participant", "tier", "address",
 * "key"}; what is left out is empty, tenant is "default". The role "host" has all rights.
 * @param out_engine      Receives a handle that ends nothing when it is closed or destroyed.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT naming every fault; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_engine` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_as(scena_engine* engine, const char* principal_json,
                                       scena_engine** out_engine, scena_error** out_error);

/**
 * Close an engine, if that has not been done, and destroy it.
 *
 * Inside a callback of the engine it closes when the callback has returned: with threads on one of
 * them, else at the end of the call that runs the loop. Tables of the host are called until their
 * `destroy`.
 *
 * @param engine  May be NULL. Its sessions and queues stay valid handles whose calls fail with
 *                SCENA_CLOSED.
 *
 * Ownership: `engine` is gone.
 * Threading: one thread at a time per engine; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_engine_destroy(scena_engine* engine);

/**
 * End all work: running turns end as interrupted, stores are flushed, threads joined.
 *
 * Nothing of the engine runs after it returns. Calling it twice does nothing the second time.
 *
 * @return SCENA_OK; SCENA_WRONG_STATE inside a callback of the engine, which then goes on as
 * before: close it later; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: the handle remains and must be destroyed.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_close(scena_engine* engine);

/**
 * Begin to close an engine without waiting, for a host whose thread must not wait for a disk
 * (`"threads": 0`).
 *
 * New work is refused with SCENA_CLOSED and running turns are interrupted. scena_engine_poll()
 * carries that on until it returns SCENA_CLOSED; then no function of the host is called any more,
 * but for `destroy`, and scena_engine_close(), which waits for the store, may be called on any one
 * thread while no other uses the engine's loop. Calling it twice does nothing the second time.
 *
 * @return SCENA_OK; SCENA_WRONG_STATE inside a callback, and with threads of the engine's own;
 *         SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: the handle remains and must be destroyed.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_begin_close(scena_engine* engine);

/**
 * Run what is ready, for engines without threads of their own (`"threads": 0`).
 *
 * Call it when scena_engine_wait_fd() is readable and when scena_engine_next_deadline() has come.
 * Never waits.
 *
 * @param budget_us  Microseconds after which no further work is begun; 0: one round. What is left
 *                   makes the next deadline 0.
 * @param out_error  Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_WRONG_STATE with threads, inside a callback or while another thread runs
 *         the engine's loop; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL or a negative budget.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: any thread; one at a time runs the loop.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_poll(scena_engine* engine, int64_t budget_us,
                                         scena_error** out_error);

/**
 * The descriptor that tells a host's loop when to poll: readable when there is work.
 *
 * An epoll descriptor that nests in poll, epoll, libuv and asyncio; with `"watcher": "pipe"` the
 * reading end of a pipe, for hosts that watch pipes and sockets only. Never read or close it.
 *
 * @return a descriptor, or -1 for NULL and after scena_engine_close().
 *
 * Ownership: the descriptor stays the engine's.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API int scena_engine_wait_fd(const scena_engine* engine);

/**
 * When to poll at the latest.
 *
 * Ask again after every poll and every other call: each may move it. With `"watcher": "pipe"` the
 * pipe becomes readable at that time by itself.
 *
 * @return nanoseconds from now on the engine's clock, 0 for at once, -1 when there is no deadline,
 *         while another thread runs the engine's loop, for NULL and after scena_engine_close().
 *
 * Ownership: nothing is handed over.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API int64_t scena_engine_next_deadline(const scena_engine* engine);

/**
 * Take the tags of watched handles that have something to tell, oldest first.
 *
 * For a host with many handles on one loop: after a poll it looks at these alone, and a poll costs
 * no more with more that wait. A tag is told again only after its handle got something new: read a
 * queue until SCENA_TIMEOUT.
 *
 * @param out_tags  Receives up to `capacity` tags.
 * @return how many were taken; fewer than `capacity`: there are no more.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API size_t scena_engine_take_ready(scena_engine* engine, uint64_t* out_tags, size_t capacity);

/**
 * Create a session. It is usable at once; when storing it fails, its later calls fail.
 *
 * @param preset       The id of a stored or built-in preset; or a preset as a JSON object (first
 *                     byte '{').
 * @param options      NULL for the defaults.
 * @param out_session  Receives the session.
 * @param out_error    Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_NOT_FOUND for an unknown preset; SCENA_INVALID_ARGUMENT naming every
 *         fault of preset and variables; SCENA_ALREADY_EXISTS for a taken id; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_session` and `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_create(scena_engine* engine, const char* preset,
                                            const scena_session_options* options,
                                            scena_session** out_session, scena_error** out_error);

/**
 * Destroy a session's handle. The session itself, and its running turn, go on.
 *
 * @param session  May be NULL.
 *
 * Ownership: `session` is gone; its queues and turns are not.
 * Threading: one thread at a time per session; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_session_destroy(scena_session* session);

/**
 * The session's id.
 *
 * @return never NULL; "" for NULL.
 *
 * Ownership: borrowed from `session`, valid until it is destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_session_id(const scena_session* session);

/**
 * Queue a user message and start the reply.
 *
 * Returns at once. The reply arrives as events: `turn.started` when the message is committed, any
 * number of `delta`, then exactly one `turn.finished`. A pending session is started first. When the
 * message is refused after it was queued, no turn starts and no event comes: scena_turn_wait() has
 * the reason.
 *
 * @param options   Participant, command id, deadline; NULL for the defaults.
 * @param text      UTF-8; need not end in NUL.
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 * @param out_turn  Receives a handle to cancel with and to wait with; may be NULL.
 * @param out_error Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for empty or broken text; SCENA_TOO_LARGE;
 *         SCENA_WRONG_STATE when the session is paused, completed or in error; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED.
 *
 * Ownership: `text` is copied. The caller destroys `*out_turn`, `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_send(scena_session* session, const scena_send_options* options,
                                          const char* text, size_t text_len, scena_turn** out_turn,
                                          scena_error** out_error);

/**
 * scena_session_send(), and wait for the end of the turn; the reply is heard while it comes. With
 * `threads` 0 the engine's loop runs meanwhile.
 *
 * @param options     As for scena_session_send().
 * @param text        UTF-8; need not end in NUL.
 * @param text_len    Bytes in `text`, or SCENA_NUL_TERMINATED.
 * @param live        Hears the pieces of the reply on this thread; NULL: nobody. One that is slow
 *                    gets larger pieces, never another text.
 * @param out_result  Receives how the turn ended, as scena_turn_result() tells it; may be NULL.
 * @param out_error   Receives an error object on failure only; may be NULL.
 * @return SCENA_OK when the turn has ended, however; SCENA_WRONG_STATE inside a callback: nothing
 *         was sent then; otherwise what the message was refused with. `destroy` of `live` is called
 *         with SCENA_OK alone.
 *
 * Ownership: `text` and the table are copied. The caller destroys `*out_result` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_send_wait(scena_session* session,
                                               const scena_send_options* options, const char* text,
                                               size_t text_len, const scena_live* live,
                                               scena_text** out_result, scena_error** out_error);

/**
 * End a reply within one turn of the loop; its partial text is stored and marked as cancelled.
 *
 * Does nothing when the reply has ended, and nothing for NULL. Allocates nothing.
 *
 * Ownership: the handle remains and must be destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_turn_cancel(scena_turn* turn);

/**
 * Wait for the end of a turn; with `threads` 0 the engine's loop runs meanwhile.
 *
 * How the reply ended is said by its event `turn.finished`; this tells whether there is one.
 *
 * @param timeout_ms  0 looks without waiting; SCENA_NO_TIMEOUT waits as long as it takes.
 * @param out_error   Receives what the message was refused with; may be NULL.
 * @return SCENA_OK when the turn has ended, however; SCENA_TIMEOUT without an error object while it
 *         goes on; otherwise what the message was refused with: no turn was started.
 *
 * Ownership: the handle remains and must be destroyed. The caller destroys `*out_error`.
 * Threading: one thread at a time per turn.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_turn_wait(scena_turn* turn, int64_t timeout_ms,
                                       scena_error** out_error);

/**
 * The turn's id, "t1", "t2", ...
 *
 * @return never NULL; "" until the message was accepted, and for NULL.
 *
 * Ownership: borrowed from `turn`, valid until it is destroyed.
 * Threading: one thread at a time per turn.
 * Since: ABI 1.
 */
SCENA_API const char* scena_turn_id(scena_turn* turn);

/**
 * Wait until the message is stored; with `threads` 0 the engine's loop runs meanwhile.
 *
 * @param timeout_ms  0 looks without waiting; SCENA_NO_TIMEOUT waits as long as it takes.
 * @return SCENA_OK; SCENA_TIMEOUT without an error object while it is not; otherwise what the
 *         message was refused with.
 *
 * Ownership: the handle remains and must be destroyed. The caller destroys `*out_error`.
 * Threading: one thread at a time per turn.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_turn_wait_accepted(scena_turn* turn, int64_t timeout_ms,
                                                scena_error** out_error);

/**
 * Put `tag` on the engine's ready list when the message is stored or refused, and when the turn
 * ends: whenever one of the waiting calls of the turn stops waiting. At once for what has come.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: nothing is handed over; the watching ends with the handle.
 * Threading: one thread at a time per turn.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_turn_watch(scena_turn* turn, uint64_t tag, scena_error** out_error);

/**
 * Destroy a turn's handle. The reply goes on.
 *
 * @param turn  May be NULL.
 *
 * Ownership: `turn` is gone.
 * Threading: one thread at a time per turn; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_turn_destroy(scena_turn* turn);

/**
 * Open a queue of the session's events.
 *
 * Every viewer has its own. It is bounded (`limits.viewer_events`, `limits.viewer_bytes`): a slow
 * reader gets merged deltas; if that is not enough the last event is `lagged`, and a new queue
 * after its cursor misses no durable event; of a reply that has ended come no deltas any more.
 *
 * @param options     Where to begin and as whom; NULL: from the beginning, everything.
 * @param out_events  Receives the queue.
 * @param out_error   Receives an error object on failure only; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for a bad cursor or an unknown flag; SCENA_NOT_FOUND
 *         for a participant who is not in the session; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_events` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_events(scena_session* session,
                                            const scena_events_options* options,
                                            scena_events** out_events, scena_error** out_error);

/**
 * Take the next event.
 *
 * With `"threads": 0` a call that waits runs the engine's loop itself, or waits behind the thread
 * that does.
 *
 * @param timeout_ms  0 looks and does not wait; SCENA_NO_TIMEOUT waits without a limit.
 * @param out_event   `struct_size` is set by the caller; the rest is filled on SCENA_OK.
 * @param out_error   Receives an error object on failure only; may be NULL. SCENA_TIMEOUT and
 *                    SCENA_CLOSED are no failures and set none.
 * @return SCENA_OK with an event; SCENA_TIMEOUT when none came in time; SCENA_CLOSED when none can
 *         come any more; SCENA_WRONG_STATE for waiting inside a callback; SCENA_INVALID_ARGUMENT.
 *
 * Ownership: the event's strings are borrowed from `events`, valid until the next call on it.
 * Threading: one thread at a time per queue.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_events_next(scena_events* events, int64_t timeout_ms,
                                         scena_event* out_event, scena_error** out_error);

/**
 * Put `tag` on the engine's ready list when something comes into the empty queue, or it ends; at
 * once when something is there.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: nothing is handed over; the watching ends with the handle.
 * Threading: one thread at a time per queue.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_events_watch(scena_events* events, uint64_t tag,
                                          scena_error** out_error);

/**
 * Destroy a queue: this viewer leaves, the session goes on.
 *
 * @param events  May be NULL.
 *
 * Ownership: `events` and the strings of its last event are gone.
 * Threading: one thread at a time per queue; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_events_destroy(scena_events* events);

/**
 * The bytes of a text, which end in NUL.
 *
 * @return never NULL; "" for NULL.
 *
 * Ownership: borrowed from `text`, valid until it is destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API const char* scena_text_data(const scena_text* text);

/**
 * How many bytes a text has, without the NUL at its end.
 *
 * @return bytes; 0 for NULL.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API size_t scena_text_size(const scena_text* text);

/**
 * Destroy a text.
 *
 * @param text  May be NULL.
 *
 * Ownership: `text` and what scena_text_data() gave are gone.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_text_destroy(scena_text* text);

/**
 * Wait for the answer of a queued command; with `threads` 0 the engine's loop runs meanwhile.
 *
 * @param timeout_ms  0 looks without waiting; SCENA_NO_TIMEOUT waits as long as it takes.
 * @param out_answer  Receives the answer as JSON; may be NULL.
 * @param out_error  Receives what the command failed with; may be NULL.
 * @return SCENA_OK with an answer; SCENA_TIMEOUT without an error object while there is none;
 *         otherwise what the command failed with.
 *
 * Ownership: the handle remains and must be destroyed. The caller destroys `*out_answer` and
 * `*out_error`.
 * Threading: one thread at a time per pending; waiting with `threads` 0 also per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_pending_wait(scena_pending* pending, int64_t timeout_ms,
                                          scena_text** out_answer, scena_error** out_error);

/**
 * Put `tag` on the engine's ready list when the answer is there; at once when it is.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL; SCENA_OUT_OF_MEMORY.
 *
 * Ownership: nothing is handed over; the watching ends with the handle.
 * Threading: one thread at a time per pending.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_pending_watch(scena_pending* pending, uint64_t tag,
                                           scena_error** out_error);

/**
 * End a call of scena_engine_complete(): its outcome is cancelled. Nothing for other answers and
 * NULL.
 *
 * Ownership: the handle remains and must be destroyed.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_pending_cancel(scena_pending* pending);

/**
 * Destroy the handle of an answer. The command goes on.
 *
 * @param pending  May be NULL.
 *
 * Ownership: `pending` is gone.
 * Threading: one thread at a time per pending; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_pending_destroy(scena_pending* pending);

/**
 * How a turn ended, as a JSON object: turn, outcome, finish_reason (of a complete reply), message,
 * text, usage, cost, error (when it failed or was cut off), cached, degraded, route, fallback_for.
 * Never waits. An error in a result has code and message, and of pointer, retry_after_ms,
 * provider_status, provider_message and point what scena_error_*() of these names would say; one of
 * these that says nothing is left out.
 *
 * @return SCENA_OK; SCENA_TIMEOUT while the turn goes on; otherwise what the message was refused
 *         with.
 *
 * Ownership: the caller destroys `*out_result` and `*out_error`.
 * Threading: one thread at a time per turn.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_turn_result(scena_turn* turn, scena_text** out_result,
                                         scena_error** out_error);

/**
 * What is built in and configured, as a JSON object; makes no network call.
 *
 * @return SCENA_OK; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_capabilities(scena_engine* engine, scena_text** out_json,
                                                 scena_error** out_error);

/**
 * Stored sessions, newest first, page by page: {"sessions": [...], "next": "..."}, each as
 * scena_session_info() tells it.
 *
 * @param state  "pending", "active", "paused", "completed" or "error"; NULL: all.
 * @param after  `next` of the page before; NULL: the first page. An empty `next` ends the list.
 * @param limit  Sessions in a page, at most 1000; 0: 50.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for an unknown state or a bad limit; the storage's own
 *         codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_sessions(scena_engine* engine, const char* state,
                                             const char* after, uint32_t limit,
                                             scena_text** out_json, scena_error** out_error);

/**
 * Stored and built-in presets by id, page by page: {"presets": [{id, version, title, description,
 * category, builtin}], "next": "..."}.
 *
 * @param category  NULL: all.
 * @param after  As in scena_engine_sessions().
 * @param limit  Presets in a page, at most 1000; 0: 50.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for a bad limit; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_presets(scena_engine* engine, const char* category,
                                            const char* after, uint32_t limit,
                                            scena_text** out_json, scena_error** out_error);

/**
 * A stored preset, else the built-in one of that id, as JSON.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_preset(scena_engine* engine, const char* id,
                                           scena_text** out_json, scena_error** out_error);

/**
 * Store a preset for later sessions; running ones keep theirs. Waits for the store.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_WRONG_STATE inside a callback;
 *         the storage's own codes.
 *
 * Ownership: the caller destroys `*out_error`; `preset_json` is copied.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_put_preset(scena_engine* engine, const char* preset_json,
                                               scena_error** out_error);

/**
 * Take a stored preset out of the store; sessions keep their copies. Waits for the store.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND, also for built-in ones; SCENA_WRONG_STATE inside a callback.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_remove_preset(scena_engine* engine, const char* id,
                                                  scena_error** out_error);

/**
 * Store the built-in presets that are not stored yet. Waits for the store.
 *
 * @param out_added  Receives how many were new; may be NULL.
 * @return SCENA_OK; SCENA_WRONG_STATE inside a callback; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_seed_presets(scena_engine* engine, uint64_t* out_added,
                                                 scena_error** out_error);

/**
 * scena_engine_put_preset() without waiting for the store. Changes take effect in the order of the
 * calls. Answers with null when the preset is stored.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_INVALID_ARGUMENT with every fault;
 *         SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_put_preset_later(scena_engine* engine, const char* preset_json,
                                                     scena_pending** out_pending,
                                                     scena_error** out_error);

/**
 * scena_engine_remove_preset() without waiting for the store. Answers with null when it is gone;
 * that there was none, scena_pending_wait() tells.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_INVALID_ARGUMENT for NULL; SCENA_PERMISSION_DENIED;
 *         SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_remove_preset_later(scena_engine* engine, const char* id,
                                                        scena_pending** out_pending,
                                                        scena_error** out_error);

/**
 * scena_engine_seed_presets() without waiting for the store. Answers with the number of presets
 * that were new.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_seed_presets_later(scena_engine* engine,
                                                       scena_pending** out_pending,
                                                       scena_error** out_error);

/**
 * Replace how calls to models are chosen, protected and limited: the object that stands in a
 * configuration as "policy". Turns that start from now on go by it.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault.
 *
 * Ownership: the caller destroys `*out_error`; `policy_json` is copied.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_update_policy(scena_engine* engine, const char* policy_json,
                                                  scena_error** out_error);

/**
 * Replace the configured model services: the object that stands in a configuration as "providers".
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_PERMISSION_DENIED.
 *
 * Ownership: the caller destroys `*out_error`; strings given are copied.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_set_providers(scena_engine* engine, const char* providers_json,
                                                  scena_error** out_error);

/**
 * Set what models charge from now on: the object that stands in a configuration as "prices". Models
 * not named keep their price.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_PERMISSION_DENIED.
 *
 * Ownership: the caller destroys `*out_error`; strings given are copied.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_set_prices(scena_engine* engine, const char* prices_json,
                                               scena_error** out_error);

/**
 * Add to the catalog of models: {"date", "source", "models"}, as docs/guide/providers.md shows.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with the pointer of the member at fault;
 *         SCENA_PERMISSION_DENIED.
 *
 * Ownership: the caller destroys `*out_error`; strings given are copied.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_set_models(scena_engine* engine, const char* models_json,
                                               scena_error** out_error);

/**
 * Add up the ledger: {"rows": [{group, calls, estimated, cached, usage, cost}]}, a row for each
 * combination of `by` that has calls.
 *
 * @param query_json  {"session", "user", "provider", "model", "preset", "from", "to" (days,
 *                    "2026-11-01"), "by": ["session", "user", "provider", "model", "preset", "day",
 *                    "month"]}; what is left out does not matter. NULL: one row of everything.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_PERMISSION_DENIED; the storage's
 * own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_costs(scena_engine* engine, const char* query_json,
                                          scena_text** out_json, scena_error** out_error);

/**
 * What the response cache did since the engine was opened: {model: {hits, misses, bytes, saved}}.
 *
 * @return SCENA_OK; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_cache_figures(scena_engine* engine, scena_text** out_json,
                                                  scena_error** out_error);

/**
 * How the services fare that a turn has asked for, without a network call: {service: {breaker
 * ("closed", "open" or "half_open"), wait_ms, times_opened, answered, failed, refused, rejected
 * (its key was not taken), last_error (the code of the last failed or rejected call; absent:
 * none)}}.
 *
 * @return SCENA_OK; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_service_health(scena_engine* engine, scena_text** out_json,
                                                   scena_error** out_error);

/**
 * What is held now and what overflowed so far: {sessions_loaded, commits_waiting, commands_refused,
 * deltas_merged, viewers_lagged, jobs_running, jobs_refused, idle}, where `idle` tells whether what
 * scena_engine_run_until_idle() waits for is done.
 *
 * @return SCENA_OK; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_stats(scena_engine* engine, scena_text** out_json,
                                          scena_error** out_error);

/**
 * Ask a model service for one reply outside of any session; nothing is stored. A failed call is an
 * answer, too. Answers with {provider, model, request_id, cached, outcome, finish_reason,
 * raw_reason, text, reasoning, refusal, tool_calls, citations, state, usage, cost, error}.
 *
 * @param provider      Name of a configured provider, or a provider URL.
 * @param request_json  {"messages": [{"role", "text"}], "model", "system", "temperature",
 * "max_tokens",
 *                      ...}: the members of docs/reference/c-extensions.md.
 * @param live          Hears the reply while it comes; NULL: nobody.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT, SCENA_NOT_FOUND or SCENA_UNAUTHENTICATED for what
 * cannot be asked: `destroy` of `live` is not called then; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings and the table are copied. The caller destroys `*out_pending` and
 * `*out_error`. Threading: any thread. Since: ABI 1.
 */
SCENA_API scena_status scena_engine_complete(scena_engine* engine, const char* provider,
                                             const char* request_json, const scena_live* live,
                                             scena_pending** out_pending, scena_error** out_error);

/**
 * Make vectors for texts. Answers with {model, dimensions, vectors: [[...]], usage}.
 *
 * @param provider      As in scena_engine_complete(); NULL: the configuration's.
 * @param request_json  {"texts": [...], "model", "dimensions", "purpose" ("document", "query",
 *                      "classification" or "clustering")}.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_embed(scena_engine* engine, const char* provider,
                                          const char* request_json, scena_pending** out_pending,
                                          scena_error** out_error);

/**
 * Write a consistent copy of the store to `path` while the engine runs.
 *
 * @return SCENA_OK; SCENA_ALREADY_EXISTS: no file is overwritten; SCENA_UNSUPPORTED for `memory:`;
 *         the storage's own codes.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_backup(scena_engine* engine, const char* path,
                                           scena_error** out_error);

/**
 * Read the whole store and judge its structure: its pages, its indexes, streams without holes.
 * Takes as long as reading the file; others may write meanwhile.
 *
 * @return SCENA_OK; SCENA_STORAGE_CORRUPT, which says what to do; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_check_storage(scena_engine* engine, scena_error** out_error);

/**
 * A stored session as one text.
 *
 * @param format  "json" (for scena_engine_import()), "jsonl" (an event a line) or "markdown".
 * @return SCENA_OK; SCENA_NOT_FOUND; SCENA_INVALID_ARGUMENT for another format.
 *
 * Ownership: the caller destroys `*out_text` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_export(scena_engine* engine, const char* id, const char* format,
                                           scena_text** out_text, scena_error** out_error);

/**
 * Store a session exported as JSON under its own id. Waits for the store.
 *
 * @return SCENA_OK; SCENA_ALREADY_EXISTS; SCENA_INVALID_ARGUMENT; SCENA_VERSION_MISMATCH;
 *         SCENA_WRONG_STATE inside a callback.
 *
 * Ownership: `json` is copied. The caller destroys `*out_session` and `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_import(scena_engine* engine, const char* json,
                                           scena_session** out_session, scena_error** out_error);

/**
 * Make the stored projections of a session again from its events. Waits for the store.
 *
 * @param out_same  Receives 1 when they were equal already, else 0; may be NULL.
 * @return SCENA_OK; SCENA_NOT_FOUND; SCENA_PERMISSION_DENIED; SCENA_WRONG_STATE inside a callback.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_rebuild(scena_engine* engine, const char* id,
                                            uint32_t* out_same, scena_error** out_error);

/**
 * scena_engine_import() without waiting for the store. Answers with {"id"}, for
 * scena_session_open().
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_INVALID_ARGUMENT; SCENA_VERSION_MISMATCH;
 *         SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_import_later(scena_engine* engine, const char* json,
                                                 scena_pending** out_pending,
                                                 scena_error** out_error);

/**
 * scena_engine_rebuild() without waiting for the store. Answers with true when the projections were
 * equal already, else false.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_rebuild_later(scena_engine* engine, const char* id,
                                                  scena_pending** out_pending,
                                                  scena_error** out_error);

/**
 * Erase everything of one user: the sessions that it owns or takes or took part in, deleted ones
 * too, whole, with every fork of them and all that is kept beside their events, and the bytes of
 * all this in the store's files. Counts and sums of money stay. Waits for the store. See
 * Engine::erase_user() and docs/guide/storage.md.
 *
 * @param subject       The user's id.
 * @param out_sessions  Receives how many sessions went; may be NULL.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT; SCENA_PERMISSION_DENIED unless it is the host;
 *         SCENA_UNAVAILABLE while another program reads the file; SCENA_WRONG_STATE inside a
 *         callback; errors of the store.
 *
 * Ownership: `subject` is copied. The caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_erase_user(scena_engine* engine, const char* subject,
                                               uint64_t* out_sessions, scena_error** out_error);

/**
 * scena_engine_erase_user() without waiting for the store. Answers with the number of sessions
 * that went.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was begun; SCENA_INVALID_ARGUMENT; SCENA_PERMISSION_DENIED;
 *         SCENA_CLOSED.
 *
 * Ownership: `subject` is copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_erase_user_later(scena_engine* engine, const char* subject,
                                                     scena_pending** out_pending,
                                                     scena_error** out_error);

/**
 * How stored sessions ended and what people thought of them: {"rows": [{..., sessions, completed,
 * failed, ends, messages, cost, completion, satisfied, rating}]}, a row for each combination of
 * `by`, whose members stand first (docs/reference/analytics.md). Reads every session that it is
 * about.
 *
 * @param query_json  {"preset", "character", "owner", "from", "to" (days, "2026-11-01"), "by":
 *                    ["preset", "character", "day", "month"], "distributions": true for the member
 *                    "metrics"}; what is left out does not matter. NULL: one row of everything.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_PERMISSION_DENIED; the storage's
 * own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_analytics(scena_engine* engine, const char* query_json,
                                              scena_text** out_json, scena_error** out_error);

/**
 * How many sessions of a preset went from one speaker to the next at each step, and where they
 * left: {"rows": [{preset, step, from, to, sessions, share}]} (docs/reference/analytics.md).
 *
 * @param query_json  As in scena_engine_analytics(), without "by" and "distributions". NULL: all
 *                    sessions.
 * @return as scena_engine_analytics().
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_flow(scena_engine* engine, const char* query_json,
                                         scena_text** out_json, scena_error** out_error);

/**
 * How far a judge's opinions agree with the measured scores.
 *
 * @param query_json  As in scena_engine_flow(); NULL: everything.
 * @param out_json    Receives {"rows": [...]}, one for each preset and metric that a model judged
 *                    (docs/guide/judge.md).
 * @param out_error   Receives an error object on failure only; may be NULL.
 * @return as scena_engine_flow().
 *
 * Ownership: `query_json` is copied. The caller destroys `*out_json` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_judge_agreement(scena_engine* engine, const char* query_json,
                                                    scena_text** out_json, scena_error** out_error);

/**
 * Store a background job, to be done by the handler of its kind. Answers with the job as
 * scena_engine_job() tells it; with SCENA_OVERLOADED when the queue is full.
 *
 * @param kind          Has a handler: scena_extensions_add_job_handler().
 * @param payload       The host's own text, UTF-8 of at most 1 MiB.
 * @param payload_len   Bytes in `payload`, or SCENA_NUL_TERMINATED.
 * @param options_json  {"id", "key", "join", "priority", "delay_ms", "max_attempts", "session"}, as
 *                      docs/guide/jobs.md tells them; NULL: none.
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_NOT_FOUND for a kind without handler;
 *         SCENA_INVALID_ARGUMENT with every fault; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_enqueue_job(scena_engine* engine, const char* kind,
                                                const char* payload, size_t payload_len,
                                                const char* options_json,
                                                scena_pending** out_pending,
                                                scena_error** out_error);

/**
 * End a job that waits or runs; one that has ended stays as it is. Answers with the job, or
 * SCENA_NOT_FOUND.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_cancel_job(scena_engine* engine, const char* id,
                                               scena_pending** out_pending,
                                               scena_error** out_error);

/**
 * Make a dead, dropped or cancelled job wait again, with all its attempts. Answers with the job;
 * with SCENA_NOT_FOUND; with SCENA_CONFLICT for one that is open or done.
 *
 * @param out_pending  Receives the answer's handle; may be NULL.
 * @return SCENA_OK when it was queued; SCENA_PERMISSION_DENIED; SCENA_CLOSED.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_requeue_job(scena_engine* engine, const char* id,
                                                scena_pending** out_pending,
                                                scena_error** out_error);

/**
 * One job: {id, kind, state, payload, result, priority, attempts, max_attempts, key, session,
 * run_after, changed, number}; times are microseconds since 1970, states "waiting", "running",
 * "done", "cancelled", "dead" and "dropped".
 *
 * @return SCENA_OK; SCENA_NOT_FOUND; SCENA_PERMISSION_DENIED; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_job(scena_engine* engine, const char* id, scena_text** out_json,
                                        scena_error** out_error);

/**
 * Jobs in the order of enqueue, page by page: {"jobs": [...], "next": N}; a `next` of 0 ends the
 * list.
 *
 * @param query_json  {"kind", "state", "after": N, "limit": N}; what is left out does not matter,
 *                    a page has at most 1000, without a limit or with 0 it has 100. NULL: the first
 *                    page of all.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT with every fault; SCENA_PERMISSION_DENIED; the storage's
 *         own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_jobs(scena_engine* engine, const char* query_json,
                                         scena_text** out_json, scena_error** out_error);

/**
 * How many jobs are in which state: {"counts": [{kind, state, count}]}, by kind and state.
 *
 * @return SCENA_OK; SCENA_PERMISSION_DENIED; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_job_counts(scena_engine* engine, scena_text** out_json,
                                               scena_error** out_error);

/**
 * Run every combination of presets, characters, models, variables and seeds of a plan, and wait for
 * the end: {"rows": [...], "groups": [...], "left", "repeated", "stopped", "cost"}, as
 * docs/reference/batch.md tells them. A session that fails is a row with an error and stops
 * nothing.
 *
 * @param plan_json    A plan, as docs/reference/batch.md describes it.
 * @param config_json  As for scena_engine_create(), of every engine; NULL or "{}": the defaults.
 * @param extensions   Shared by all engines, on the workers' threads; NULL for none.
 * @param options      NULL: one worker, no folder.
 * @param out_json     Receives the result; may be NULL.
 * @return SCENA_OK, also when runs are left: `stopped` says why; SCENA_INVALID_ARGUMENT with every
 *         fault; SCENA_CONFLICT when the folder holds runs that were made otherwise, or another
 * batch works there; SCENA_NOT_FOUND for what is forked; the storage's own codes.
 *
 * Ownership: all strings are copied; `extensions` remains the caller's. The caller destroys
 * `*out_json` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_batch_run(const char* plan_json, const char* config_json,
                                       const scena_extensions* extensions,
                                       const scena_batch_options* options, scena_text** out_json,
                                       scena_error** out_error);

/**
 * The same without waiting: the batch runs on threads of its own, and tells by a descriptor when
 * there is news.
 *
 * @param options  As for scena_batch_run(); `progress` comes on a worker's thread, as there.
 * @param out_batch  Receives the batch.
 * @return SCENA_OK when it runs; SCENA_INVALID_ARGUMENT with every fault of plan and configuration;
 *         SCENA_UNAVAILABLE when no thread or descriptor is left.
 *
 * Ownership: all strings are copied; `extensions` remains the caller's, and its tables are called
 * until the batch has ended. The caller destroys `*out_batch` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_batch_start(const char* plan_json, const char* config_json,
                                         const scena_extensions* extensions,
                                         const scena_batch_options* options,
                                         scena_batch** out_batch, scena_error** out_error);

/**
 * A pipe that becomes readable when there is news: another progress, or the result. -1 for NULL.
 * Asking for either empties it; a host that reads it by itself loses nothing.
 *
 * Ownership: the descriptor is the batch's.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API int scena_batch_wait_fd(const scena_batch* batch);

/**
 * How far a batch is: {total, done, failed, running, cost}, "{}" before the first run began.
 *
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_batch_progress(scena_batch* batch, scena_text** out_json,
                                            scena_error** out_error);

/**
 * The result, as scena_batch_run() gives it.
 *
 * @param timeout_ms  0 looks only; SCENA_NO_TIMEOUT waits without a limit.
 * @param out_json  Receives the result; may be NULL.
 * @return what scena_batch_run() returns; SCENA_TIMEOUT while it runs; SCENA_WRONG_STATE for
 * waiting inside `progress`.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_batch_result(scena_batch* batch, int64_t timeout_ms,
                                          scena_text** out_json, scena_error** out_error);

/**
 * End a batch: sessions that run are given up, `stopped` of the result is "cancelled". Nothing for
 * NULL.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_batch_stop(scena_batch* batch);

/**
 * End a batch and wait for its threads. After its result is there this takes no time. Inside
 * `progress` it waits for nothing: the batch ends by itself, and `progress` is not called again.
 * Nothing for NULL.
 *
 * Ownership: frees the batch.
 * Threading: one thread at a time per batch; also inside `progress`.
 * Since: ABI 1.
 */
SCENA_API void scena_batch_destroy(scena_batch* batch);

/**
 * Move virtual time on, running every timer on the way.
 *
 * @param step_us  Microseconds, 0 or more.
 * @return SCENA_OK; SCENA_WRONG_STATE on a real clock or inside a callback; SCENA_INVALID_ARGUMENT
 *         for a negative step, or one that takes the clock more than 100 years from its start.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_advance(scena_engine* engine, int64_t step_us,
                                            scena_error** out_error);

/**
 * Read the engine's clock: virtual time where the configuration has it.
 *
 * @param out_now_us   Gets microseconds since some start of its own; never goes back. May be NULL.
 * @param out_wall_us  Gets microseconds since 1970-01-01 UTC, as events tell their times. May be
 *                     NULL.
 * @return SCENA_OK, after scena_engine_close() too; SCENA_INVALID_ARGUMENT for a NULL engine.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_time(const scena_engine* engine, int64_t* out_now_us,
                                         int64_t* out_wall_us, scena_error** out_error);

/**
 * Wait until every queued command and turn is done; virtual time moves on as needed.
 *
 * @return SCENA_OK; SCENA_WRONG_STATE inside a callback; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_run_until_idle(scena_engine* engine, scena_error** out_error);

/**
 * The same with a time limit, by the engine's clock.
 *
 * @param timeout_ms  0 looks without waiting; SCENA_NO_TIMEOUT waits as long as it takes.
 * @return SCENA_OK; SCENA_TIMEOUT when the engine was not idle in time: what is under way goes on;
 *         SCENA_WRONG_STATE inside a callback; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for another
 *         negative time.
 *
 * Ownership: the caller destroys `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_engine_run_until_idle_for(scena_engine* engine, int64_t timeout_ms,
                                                       scena_error** out_error);

/**
 * Open a stored session. A turn that a crash left open is marked as interrupted first.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND; SCENA_LIMIT_REACHED; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_session` and `*out_error`.
 * Threading: one thread at a time per engine.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_open(scena_engine* engine, const char* id,
                                          scena_session** out_session, scena_error** out_error);

/**
 * What a session is after the last committed command: id, state, participants, usage, cost and the
 * other members of docs/reference/export.md. Of one that is not stored yet, what it will be, with a
 * `last_seq` of 0.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND once it is deleted; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_info(scena_session* session, scena_text** out_json,
                                          scena_error** out_error);

/**
 * Everything a session knows, messages and metrics included, as one JSON text: equal for a session
 * and its rebuilt self.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND once it is deleted; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_state(scena_session* session, scena_text** out_json,
                                           scena_error** out_error);

/**
 * The messages of a session, oldest first: {"messages": [...]}, each with the members of
 * `message.stored` (docs/reference/events.md) and seq, time, superseded, audience (null:
 * everybody), metrics and tool_rounds.
 *
 * @param flags  0: the chosen line; SCENA_MESSAGES_ALL: also superseded ones.
 * @return SCENA_OK; SCENA_INVALID_ARGUMENT; SCENA_NOT_FOUND once it is deleted; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_messages(scena_session* session, uint32_t flags,
                                              scena_text** out_json, scena_error** out_error);

/**
 * The alternatives of a message, itself included, oldest first, as scena_session_messages() has
 * them.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_alternatives(scena_session* session, const char* message,
                                                  scena_text** out_json, scena_error** out_error);

/**
 * What was sent to a model for a message, composed again, and why each part was in or out:
 * {message, turn, provider, model, request, sha256, rounds, parts: [{id, source, tokens, included,
 * reason}]}.
 *
 * @return SCENA_OK; SCENA_CONFLICT when it no longer gives the recorded hash; SCENA_NOT_FOUND for
 *         messages without a request; SCENA_CLOSED.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_explain(scena_session* session, const char* message,
                                             scena_text** out_json, scena_error** out_error);

/**
 * The analysis that closes a session, as docs/reference/analysis.md has its members.
 *
 * @return SCENA_OK; SCENA_NOT_FOUND while there is none: it is there after the event
 *         `analysis.stored`; SCENA_PERMISSION_DENIED; SCENA_CLOSED; the storage's own codes.
 *
 * Ownership: the caller destroys `*out_json` and `*out_error`; strings given are borrowed for the
 * call.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_analysis(scena_session* session, scena_text** out_json,
                                              scena_error** out_error);

/**
 * Make a pending session active: its openings are stored. A send does that first, too.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_start(scena_session* session, const char* command_id,
                                           scena_pending** out_pending, scena_error** out_error);

/**
 * Pause an active session after the running turn. No message is taken until it is resumed.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_pause(scena_session* session, const char* command_id,
                                           scena_pending** out_pending, scena_error** out_error);

/**
 * Make a paused session, or one in error, active again.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_resume(scena_session* session, const char* command_id,
                                            scena_pending** out_pending, scena_error** out_error);

/**
 * Complete a session; nothing makes it active again. A running turn is cancelled first, and what
 * came of its reply is kept.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_complete(scena_session* session, const char* command_id,
                                              scena_pending** out_pending, scena_error** out_error);

/**
 * Mark a session as failed (state error); scena_session_resume() makes it active again.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_fail(scena_session* session, const char* command_id,
                                          scena_pending** out_pending, scena_error** out_error);

/**
 * Take the last turn off the line; the log keeps it.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_undo(scena_session* session, const char* command_id,
                                          scena_pending** out_pending, scena_error** out_error);

/**
 * Ask for the analysis of a completed session anew; it comes with the event `analysis.stored` and
 * takes the place of the one before.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells,
 *         SCENA_PERMISSION_DENIED to everybody but a host; SCENA_OVERLOADED when too many commands
 *         wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_analyze(scena_session* session, const char* command_id,
                                             scena_pending** out_pending, scena_error** out_error);

/**
 * Delete a session: nobody can open it any more, and its viewers end. A running turn is cancelled
 * first.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @param out_pending  Receives the answer's handle, the session's info as JSON; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_remove(scena_session* session, const char* command_id,
                                            scena_pending** out_pending, scena_error** out_error);

/**
 * Make an earlier alternative of the last reply the chosen one; answers with the session's info.
 *
 * @param message  Id of the alternative.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_choose(scena_session* session, const char* message,
                                            const char* command_id, scena_pending** out_pending,
                                            scena_error** out_error);

/**
 * Let a human, or a character of the preset, take part from now on; answers with the session's
 * info.
 *
 * @param participant_json  {"id", "name", "is_human" (left out: true), "subject"}.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT naming every fault.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_join(scena_session* session, const char* participant_json,
                                          const char* command_id, scena_pending** out_pending,
                                          scena_error** out_error);

/**
 * A participant is not present any more and perceives nothing further; answers with the session's
 * info.
 *
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT naming every fault.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_leave(scena_session* session, const char* participant,
                                           const char* command_id, scena_pending** out_pending,
                                           scena_error** out_error);

/**
 * Change title and labels; answers with the session's info.
 *
 * @param changes_json  {"title", "labels": {name: value, or null to take it away}}; the rest stays.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT naming every fault.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_update(scena_session* session, const char* changes_json,
                                            const char* command_id, scena_pending** out_pending,
                                            scena_error** out_error);

/**
 * Change a variable of the preset; the next prompt has the new value. Answers with the session's
 * info.
 *
 * @param value  In text form ("42", "true", "Ann").
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_set_variable(scena_session* session, const char* name,
                                                  const char* value, const char* command_id,
                                                  scena_pending** out_pending,
                                                  scena_error** out_error);

/**
 * Add an event of the host's own, `app.<name>`; answers with the session's info.
 *
 * @param data_json  Any JSON object.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_annotate(scena_session* session, const char* name,
                                              const char* data_json, const char* command_id,
                                              scena_pending** out_pending, scena_error** out_error);

/**
 * Let the AI characters talk; answers with {"turns", "reason"}, and where the reason is "failed"
 * with "error" as scena_turn_result() has it.
 *
 * @param max_turns  0: until an end condition of the preset holds.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_run(scena_session* session, uint32_t max_turns,
                                         const char* command_id, scena_pending** out_pending,
                                         scena_error** out_error);

/**
 * Ask a character something that leaves no trace in the history; the cost is booked. Answers with
 * {"text", "usage", "cost"}.
 *
 * @param question_len  Bytes, or SCENA_NUL_TERMINATED.
 * @param schema_json  The answer follows this JSON schema; NULL: free text.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_ask_aside(scena_session* session, const char* character,
                                               const char* question, size_t question_len,
                                               const char* schema_json, const char* command_id,
                                               scena_pending** out_pending,
                                               scena_error** out_error);

/**
 * Ask what to ask next: a model where the preset has `next_question`, else the first planned
 * question that nobody asked yet. Answers with {"text", "covers", "fallback", "reason", "usage",
 * "cost"}; an empty text means that nothing is left to ask. docs/reference/presets.md names the
 * reasons.
 *
 * @param character  Who would ask it; NULL: the preset's first AI character.
 * @param model  For this call only; NULL: the preset's.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_next_question(scena_session* session, const char* character,
                                                   const char* model, const char* command_id,
                                                   scena_pending** out_pending,
                                                   scena_error** out_error);

/**
 * Count that a person skipped something, as the host saw it; words that say so are found in
 * messages by themselves. Answers with the session's info.
 *
 * @param participant  Who; NULL: the session's only human, or nobody in particular.
 * @param step  What was skipped; NULL: the planned question asked last, else the session's state.
 * @param reason  What the host saw, e.g. "button"; may be NULL.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_flag_escape(scena_session* session, const char* participant,
                                                 const char* step, const char* reason,
                                                 const char* command_id,
                                                 scena_pending** out_pending,
                                                 scena_error** out_error);

/**
 * Make a new session that shares everything up to a message; answers with {"id"}, for
 * scena_session_open().
 *
 * @param message  The last message shared; NULL: all up to now.
 * @param command_id  The same id again gives the first result; may be NULL.
 * @return SCENA_OK when it was queued: how it went, scena_pending_wait() tells; SCENA_OVERLOADED
 *         when too many commands wait; SCENA_CLOSED; SCENA_INVALID_ARGUMENT for NULL.
 *
 * Ownership: all strings are copied. The caller destroys `*out_pending` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_fork(scena_session* session, const char* message,
                                          const char* command_id, scena_pending** out_pending,
                                          scena_error** out_error);

/**
 * End the running turn, if any; its partial text is stored as cancelled. Nothing for NULL.
 *
 * Ownership: nothing is handed over.
 * Threading: any thread; also inside callbacks.
 * Since: ABI 1.
 */
SCENA_API void scena_session_cancel(scena_session* session);

/**
 * Let a character speak without a new message: the turn policy's next one, or the named.
 *
 * @param options  NULL for the defaults.
 * @param out_turn  Receives a handle to wait with; may be NULL.
 * @return as scena_session_send().
 *
 * Ownership: all strings are copied. The caller destroys `*out_turn` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_prompt(scena_session* session,
                                            const scena_send_options* options,
                                            scena_turn** out_turn, scena_error** out_error);

/**
 * Make a new reply in place of the last one, which stays as an alternative.
 *
 * @param options  NULL for the defaults.
 * @param out_turn  Receives a handle to wait with; may be NULL.
 * @return as scena_session_send().
 *
 * Ownership: all strings are copied. The caller destroys `*out_turn` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_regenerate(scena_session* session,
                                                const scena_send_options* options,
                                                scena_turn** out_turn, scena_error** out_error);

/**
 * Let the last speaker go on from where its reply stopped; the new text is appended.
 *
 * @param options  NULL for the defaults.
 * @param out_turn  Receives a handle to wait with; may be NULL.
 * @return as scena_session_send().
 *
 * Ownership: all strings are copied. The caller destroys `*out_turn` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_continue_reply(scena_session* session,
                                                    const scena_send_options* options,
                                                    scena_turn** out_turn, scena_error** out_error);

/**
 * Replace a human's message; everything after it leaves the line, and a new reply starts.
 *
 * @param options  NULL for the defaults.
 * @param message  Id of the message.
 * @param text_len  Bytes in `text`, or SCENA_NUL_TERMINATED.
 * @return as scena_session_send().
 *
 * Ownership: all strings are copied. The caller destroys `*out_turn` and `*out_error`.
 * Threading: any thread.
 * Since: ABI 1.
 */
SCENA_API scena_status scena_session_edit(scena_session* session, const scena_send_options* options,
                                          const char* message, const char* text, size_t text_len,
                                          scena_turn** out_turn, scena_error** out_error);

#endif /* SCENA_ENABLE_UNSTABLE */

#ifdef __cplusplus
}
#endif

#endif /* SCENA_SCENA_H */
