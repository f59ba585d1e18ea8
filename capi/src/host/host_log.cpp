// Where log lines go: to a table of the host, or into a queue that the host reads.
#include <algorithm>

#include "base/log_format.hpp"
#include "guard.hpp"
#include "host/extensions.hpp"
#include "host/log_queue.hpp"

/// The host's end of a queue.
struct scena_logs {
  std::shared_ptr<scena::capi::LogQueue> queue;
  scena::capi::LogQueue::Line line = {};  // what the host was given last
  scena::capi::LifeMark life = {};
};

namespace scena::capi {
namespace {

std::string line_of(const LogRecord& record) {
  std::string line;
  append_json_line(line, record);
  if (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

class HostLogSink final : public LogSink {
 public:
  explicit HostLogSink(const scena_log_sink& table)
      : table_(table), data_(table.user_data, table.destroy) {}

  void write(const LogRecord& record) noexcept override {
    try {
      const std::string line = line_of(record);
      table_.write(data_.get(), static_cast<int32_t>(record.level), line.c_str(), line.size());
    } catch (...) {
      // No memory for a line: it is lost.
    }
  }

 private:
  scena_log_sink table_;
  UserData data_;
};

class QueueSink final : public LogSink {
 public:
  explicit QueueSink(std::shared_ptr<LogQueue> queue) : queue_(std::move(queue)) {}
  QueueSink(const QueueSink&) = delete;
  QueueSink& operator=(const QueueSink&) = delete;
  ~QueueSink() override { queue_->end(); }

  void write(const LogRecord& record) noexcept override {
    std::string line;
    try {
      line = line_of(record);
    } catch (...) {
      return queue_->lose();
    }
    try {
      queue_->push(record.level, std::move(line));
    } catch (...) {
      // No memory for a line: it is lost, and was counted.
    }
  }

 private:
  std::shared_ptr<LogQueue> queue_;
};

// Of the struct as it was first released.
constexpr std::size_t kFirstLogLine = offsetof(scena_log_line, json_len) + sizeof(std::size_t);

// A caller compiled with an older header gets the members that it knows.
void hand_out(const LogQueue::Line& line, std::uint64_t dropped, scena_log_line& out) {
  scena_log_line full{};
  full.struct_size = out.struct_size;
  full.level = static_cast<std::int32_t>(line.level);
  full.dropped = dropped;
  full.json = line.json.c_str();
  full.json_len = line.json.size();
  std::memcpy(&out, &full, std::min<std::size_t>(out.struct_size, sizeof full));
}

}  // namespace

std::shared_ptr<LogSink> make_log_sink(const scena_log_sink& table) {
  return std::make_shared<HostLogSink>(table);
}

}  // namespace scena::capi

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::LogQueue;
using scena::capi::refuse;

scena_status scena_extensions_open_logs(scena_extensions* extensions, size_t max_lines,
                                        size_t max_bytes, scena_logs** out_logs,
                                        scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !out_logs)
      return refuse(out_error, "extensions and out_logs: must not be NULL");
    auto logs = std::make_unique<scena_logs>();
    logs->queue = std::make_shared<LogQueue>(max_lines == 0 ? 1000 : max_lines,
                                             max_bytes == 0 ? 1u << 20 : max_bytes);
    extensions->parts.log = std::make_shared<scena::capi::QueueSink>(logs->queue);
    *out_logs = logs.release();
    return SCENA_OK;
  });
}

scena_status scena_logs_next(scena_logs* logs, int64_t timeout_ms, scena_log_line* out_line,
                             scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(logs) || !out_line) return refuse(out_error, "logs and out_line: must not be NULL");
    if (timeout_ms < SCENA_NO_TIMEOUT)
      return refuse(out_error, "timeout_ms: 0 or more, or SCENA_NO_TIMEOUT");
    if (out_line->struct_size < scena::capi::kFirstLogLine)
      return refuse(out_error, "out_line: set struct_size to sizeof(scena_log_line)");
    std::uint64_t dropped = 0;
    switch (logs->queue->next(scena::capi::timeout_of(timeout_ms), logs->line, dropped)) {
      case LogQueue::Found::nothing:
        return static_cast<scena_status>(SCENA_TIMEOUT);
      case LogQueue::Found::end:
        return static_cast<scena_status>(SCENA_CLOSED);
      case LogQueue::Found::line:
        break;
    }
    scena::capi::hand_out(logs->line, dropped, *out_line);
    return static_cast<scena_status>(SCENA_OK);
  });
}

void scena_logs_destroy(scena_logs* logs) {
  if (!live(logs)) return;
  logs->queue->leave();
  delete logs;
}
