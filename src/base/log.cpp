#include "base/log.hpp"

#include <algorithm>

namespace scena {

std::string LogItem::value() const {
  switch (kind_) {
    case Kind::integer:
      return std::to_string(static_cast<std::int64_t>(number_));
    case Kind::natural:
      return std::to_string(number_);
    case Kind::text:
      break;
  }
  return std::string(text_);
}

Log::Log(std::shared_ptr<LogSink> sink, const Clock& clock, LogOptions options)
    : sink_(std::move(sink)), clock_(clock), options_(std::move(options)) {}

Logger Log::logger(std::string_view module) {
  Logger logger;
  if (!sink_) return logger;
  const auto own = options_.levels.find(std::string(module));
  logger.level_ = own == options_.levels.end() ? options_.level : own->second;
  if (logger.level_ == LogLevel::off) return logger;
  logger.core_ = shared_from_this();
  logger.module_ = std::make_shared<const std::string>(module);
  return logger;
}

void Log::put(Fields& fields, std::string_view name, std::string_view value) const {
  if (!options_.message_text && is_message_text_name(name)) return;
  std::string shown = redactor_.redact_field(name, value);
  const auto same = std::find_if(fields.begin(), fields.end(),
                                 [name](const auto& field) { return field.first == name; });
  if (same == fields.end()) {
    fields.emplace_back(name, std::move(shown));
  } else {
    same->second = std::move(shown);
  }
}

void Log::write(LogLevel level, std::string_view module, std::string_view message,
                const Fields* context, std::initializer_list<LogItem> items) noexcept {
  // What the sink itself brings about is lost: it would wait for its own end.
  if (writer_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  try {
    // Context is redacted here, not in with(): a secret may have been registered since.
    Fields fields;
    fields.reserve((context ? context->size() : 0) + items.size());
    if (context) {
      for (const auto& [name, value] : *context) put(fields, name, value);
    }
    for (const LogItem& item : items) put(fields, item.name(), item.value());
    std::vector<LogField> views;
    views.reserve(fields.size());
    for (const auto& [name, value] : fields) views.push_back({name, value});
    const std::string sentence = redactor_.redact(message);
    const std::lock_guard lock(mutex_);
    writer_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    sink_->write({level, clock_.wall(), module, sentence, views});
    writer_.store(std::thread::id{}, std::memory_order_relaxed);
  } catch (const std::exception&) {
    lost_.fetch_add(1, std::memory_order_relaxed);
  }
}

Logger Logger::with(std::initializer_list<LogItem> items) const {
  if (!core_) return *this;
  auto fields = std::make_shared<Log::Fields>();
  if (context_) *fields = *context_;
  for (const LogItem& item : items) {
    const auto same = std::find_if(fields->begin(), fields->end(), [&item](const auto& field) {
      return field.first == item.name();
    });
    if (same == fields->end()) {
      fields->emplace_back(item.name(), item.value());
    } else {
      same->second = item.value();
    }
  }
  Logger child = *this;
  child.context_ = std::move(fields);
  return child;
}

}  // namespace scena
