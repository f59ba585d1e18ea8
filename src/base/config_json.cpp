#include <fmt/format.h>

#include <cmath>
#include <concepts>

#include "base/config_members.hpp"
#include "base/json.hpp"
#include "base/redact.hpp"
#include "base/suggest.hpp"
#include "base/url.hpp"

namespace scena {
namespace {

constexpr JsonLimits kLimits{.max_bytes = 1u << 20, .careful = true, .secret = true};

// A document that may hold keys.
class Document {
 public:
  explicit Document(std::string_view text) : json_(parse_json(text, kLimits)) {}
  ~Document() {
    if (json_) wipe(*json_);
  }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  const Result<Json>& json() const noexcept { return json_; }

 private:
  Result<Json> json_;
};

template <class T>
concept Nested =
    std::same_as<T, Timeouts> || std::same_as<T, HttpConfig> || std::same_as<T, Limits> ||
    std::same_as<T, ProviderConfig> || std::same_as<T, Price> || std::same_as<T, AnalysisConfig> ||
    std::same_as<T, JudgeConfig> || std::same_as<T, AnalyticsConfig> ||
    std::same_as<T, HttpToolConfig> || std::same_as<T, Policy> || std::same_as<T, CachePolicy> ||
    std::same_as<T, PolicyTarget> || std::same_as<T, ModelAlias> || std::same_as<T, RouteRule> ||
    std::same_as<T, FallbackRule> || std::same_as<T, ContinuationPolicy> ||
    std::same_as<T, RetryLimits> || std::same_as<T, JobsConfig> || std::same_as<T, WebhookConfig> ||
    std::same_as<T, TokenCounterConfig> || std::same_as<T, ServicePolicy> ||
    std::same_as<T, ToolPolicy> || std::same_as<T, RateRule> || std::same_as<T, BudgetRule>;

std::string number_text(double value) {
  return fmt::format("{:.0f}", value);
}

// Reads one JSON object into a struct: every member it is shown, then what nobody asked for.
class Reader {
 public:
  Reader(const Json& object, std::string pointer, std::vector<Fault>& faults)
      : object_(object), pointer_(std::move(pointer)), faults_(faults) {}

  void operator()(std::string_view name, std::string& out, Text) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_string()) return fault(name, "must be a string", "\"...\"");
    out = value->get<std::string>();
  }

  void operator()(std::string_view name, bool& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_boolean()) return fault(name, "must be true or false", out ? "true" : "false");
    out = value->get<bool>();
  }

  template <std::integral T>
  void operator()(std::string_view name, T& out, Bounds bounds) {
    if (const auto number = whole(name, bounds, number_text(static_cast<double>(out))))
      out = static_cast<T>(*number);
  }

  void operator()(std::string_view name, std::chrono::milliseconds& out, Bounds bounds) {
    const auto number = whole(name, bounds, std::to_string(out.count()));
    if (number) out = std::chrono::milliseconds(*number);
  }

  void operator()(std::string_view name, std::optional<std::chrono::milliseconds>& out,
                  Bounds bounds) {
    if (is_null(name)) return out.reset();
    if (const auto number = whole(name, bounds, "30000")) out = std::chrono::milliseconds(*number);
  }

  template <std::integral T>
  void operator()(std::string_view name, std::optional<T>& out, Bounds bounds) {
    if (is_null(name)) return out.reset();
    if (const auto number = whole(name, bounds, "1000")) out = static_cast<T>(*number);
  }

  void operator()(std::string_view name, std::optional<bool>& out) {
    if (is_null(name)) return out.reset();
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_boolean()) return fault(name, "must be true, false or null", "true");
    out = value->get<bool>();
  }

  void operator()(std::string_view name, std::vector<int>& out, Bounds bounds) {
    const Json* value = find(name);
    if (!value) return;
    const auto fits = [bounds](const Json& item) {
      return item.is_number_integer() && item.get<double>() >= bounds.low &&
             item.get<double>() <= bounds.high;
    };
    if (!value->is_array() || !std::all_of(value->begin(), value->end(), fits)) {
      return fault(name,
                   fmt::format("must be an array of whole numbers from {} to {}",
                               number_text(bounds.low), number_text(bounds.high)),
                   "[50,80,100]");
    }
    out = value->get<std::vector<int>>();
  }

  template <Nested T>
  void operator()(std::string_view name, std::vector<T>& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_array()) return fault(name, "must be an array of objects", "[]");
    Reader inside(*value, json_pointer(pointer_, name), faults_);
    out.clear();
    for (std::size_t i = 0; i < value->size(); ++i)
      inside.read_object(std::to_string(i), (*value)[i], out.emplace_back());
  }

  void operator()(std::string_view name, double& out, Bounds bounds) {
    const Json* value = find(name);
    if (!value) return;
    const double number = value->is_number() ? value->get<double>() : bounds.low - 1;
    if (number >= bounds.low && number <= bounds.high) {
      out = number;
    } else {
      fault(name, fmt::format("must be a number from {} to {}", bounds.low, bounds.high), "1.0");
    }
  }

  void operator()(std::string_view name, std::optional<std::uint64_t>& out) {
    const Json* value = find(name);
    if (!value) return;
    if (value->is_null()) {
      out.reset();
    } else if (value->is_number_unsigned()) {
      out = value->get<std::uint64_t>();
    } else {
      fault(name, "must be a whole number from 0 to 18446744073709551615, or null", "7");
    }
  }

  void operator()(std::string_view name, std::optional<Money>& out, Amount amount = Amount::bound) {
    const Json* value = find(name);
    if (!value) return;
    if (value->is_null()) return out.reset();
    const auto money =
        value->is_string() ? Money::parse(value->get_ref<const std::string&>()) : std::nullopt;
    const bool is_price = amount == Amount::price;
    if (!money || money->pico_usd < (is_price ? 0 : 1)) {
      return fault(name,
                   fmt::format("must be an amount in USD{}, as a decimal string, or null",
                               is_price ? ", zero or more" : " above zero"),
                   "\"0.50\"");
    }
    out = money;
  }

  void operator()(std::string_view name, Money& out) {
    const Json* value = find(name);
    if (!value) return;
    const auto money =
        value->is_string() ? Money::parse(value->get_ref<const std::string&>()) : std::nullopt;
    if (!money || money->pico_usd < 0) {
      return fault(name, "must be an amount in USD, zero or more, as a decimal string", "\"2.50\"");
    }
    out = *money;
  }

  template <class E>
  requires std::is_enum_v<E>
  void operator()(std::string_view name, E& out) {
    if (const Json* value = find(name)) read_word(name, *value, out);
  }

  template <class E>
  requires std::is_enum_v<E>
  void operator()(std::string_view name, std::optional<E>& out) {
    if (is_null(name)) return out.reset();
    if (const Json* value = find(name)) read_word(name, *value, out.emplace());
  }

  template <Nested T>
  void operator()(std::string_view name, T& out) {
    if (const Json* value = find(name)) read_object(name, *value, out);
  }

  template <class T>
  void operator()(std::string_view name, std::map<std::string, T>& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_object()) return fault(name, "must be an object", "{}");
    Reader inside(*value, json_pointer(pointer_, name), faults_);
    out.clear();
    for (const auto& [key, item] : value->items()) inside.read_item(key, item, out[key]);
  }

  void operator()(std::string_view name, std::vector<std::string>& out) {
    const Json* value = find(name);
    if (!value) return;
    const bool fits =
        value->is_array() && std::all_of(value->begin(), value->end(),
                                         [](const Json& item) { return item.is_string(); });
    if (!fits) return fault(name, "must be an array of strings", "[\"sentiment\"]");
    out = value->get<std::vector<std::string>>();
  }

  void operator()(std::string_view name, Secret& out, Text = Text::plain) {
    if (const Json* value = find(name)) read_item(name, *value, out);
  }

  void operator()(std::string_view name, std::vector<Secret>& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_array()) return fault(name, "must be an array of strings", "[\"sk-...\"]");
    Reader inside(*value, json_pointer(pointer_, name), faults_);
    out.clear();
    for (std::size_t i = 0; i < value->size(); ++i)
      inside.read_item(std::to_string(i), (*value)[i], out.emplace_back());
  }

  void options(std::string_view name, std::string& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_object()) return fault(name, "must be an object", "{}");
    out = dump_json(*value);
  }

  void refuse_unknown() {
    for (const auto& [key, item] : object_.items()) {
      const std::string_view name = key;
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const auto meant = closest(name, known_);
      fault(name,
            meant.empty() ? "is not a known member"
                          : fmt::format("is not a known member; did you mean \"{}\"?", meant),
            std::string(meant));
    }
  }

 private:
  const Json* find(std::string_view name) {
    known_.push_back(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }

  bool is_null(std::string_view name) {
    const auto found = object_.find(name);
    if (found == object_.end() || !found->is_null()) return false;
    known_.push_back(name);
    return true;
  }

  void fault(std::string_view name, std::string message, std::string example) {
    faults_.push_back({json_pointer(pointer_, name), std::move(message), std::move(example)});
  }

  std::optional<std::int64_t> whole(std::string_view name, Bounds bounds, std::string example) {
    const Json* value = find(name);
    if (!value) return std::nullopt;
    if (value->is_number_integer()) {
      const double number = value->get<double>();
      if (number >= bounds.low && number <= bounds.high) return value->get<std::int64_t>();
    }
    fault(name,
          fmt::format("must be a whole number from {} to {}", number_text(bounds.low),
                      number_text(bounds.high)),
          std::move(example));
    return std::nullopt;
  }

  template <class E>
  void read_word(std::string_view name, const Json& value, E& out) {
    const auto& words = Words<E>::kAll;
    if (value.is_string()) {
      const auto found = std::find(words.begin(), words.end(), value.get_ref<const std::string&>());
      if (found != words.end()) {
        out = static_cast<E>(found - words.begin());
        return;
      }
    }
    fault(name, "must be " + quoted_list(words), fmt::format("\"{}\"", words[0]));
  }

  template <Nested T>
  void read_object(std::string_view name, const Json& value, T& out) {
    if (!value.is_object()) return fault(name, "must be an object", "{}");
    Reader inside(value, json_pointer(pointer_, name), faults_);
    visit_members(inside, out);
    inside.refuse_unknown();
  }

  template <Nested T>
  void read_item(std::string_view key, const Json& value, T& out) {
    read_object(key, value, out);
  }
  void read_item(std::string_view key, const Json& value, LogLevel& out) {
    read_word(key, value, out);
  }
  void read_item(std::string_view key, const Json& value, std::string& out) {
    if (!value.is_string()) return fault(key, "must be a string", "\"...\"");
    out = value.get<std::string>();
  }
  void read_item(std::string_view key, const Json& value, Secret& out) {
    if (!value.is_string()) return fault(key, "must be a string", "\"...\"");
    out = value.get_ref<const std::string&>();
  }

  const Json& object_;
  std::string pointer_;
  std::vector<Fault>& faults_;
  std::vector<std::string_view> known_;
};

Json without_secrets(const Json& value) {
  if (!value.is_structured()) return value;
  Json copy = value;
  for (const auto& [key, item] : copy.items()) {
    item =
        value.is_object() && is_sensitive_name(key) ? Json(Redactor::kMark) : without_secrets(item);
  }
  return copy;
}

class Writer {
 public:
  Json take() { return std::move(object_); }

  void operator()(std::string_view name, const std::string& value, Text kind) {
    put(name, kind == Text::url ? without_password(value) : value);
  }
  void operator()(std::string_view name, bool value) { put(name, value); }
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(std::string_view name, T value, Bounds) { put(name, value); }
  void operator()(std::string_view name, std::chrono::milliseconds value, Bounds) {
    put(name, value.count());
  }
  void operator()(std::string_view name, const std::optional<std::chrono::milliseconds>& value,
                  Bounds) {
    put(name, value ? Json(value->count()) : Json());
  }
  void operator()(std::string_view name, const std::optional<std::uint64_t>& value) {
    put(name, value ? Json(*value) : Json());
  }
  void operator()(std::string_view name, const std::optional<Money>& value,
                  Amount = Amount::bound) {
    put(name, value ? Json(value->to_string()) : Json());
  }
  void operator()(std::string_view name, Money value) { put(name, value.to_string()); }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(std::string_view name, E value) { put(name, word(value)); }
  template <class E>
  requires std::is_enum_v<E>
  void operator()(std::string_view name, const std::optional<E>& value) {
    put(name, value ? Json(word(*value)) : Json());
  }
  template <Nested T>
  void operator()(std::string_view name, const T& value) {
    put(name, object_of(value));
  }
  template <class T>
  void operator()(std::string_view name, const std::map<std::string, T>& values) {
    Json inside = Json::object();
    for (const auto& [key, value] : values) inside[key] = item_of(key, value);
    put(name, std::move(inside));
  }
  void operator()(std::string_view name, const std::vector<std::string>& value) {
    put(name, value);
  }
  void operator()(std::string_view name, const std::vector<int>& value, Bounds) {
    put(name, value);
  }
  void operator()(std::string_view name, const std::optional<bool>& value) {
    put(name, value ? Json(*value) : Json());
  }
  template <std::integral T>
  void operator()(std::string_view name, const std::optional<T>& value, Bounds) {
    put(name, value ? Json(*value) : Json());
  }
  template <Nested T>
  void operator()(std::string_view name, const std::vector<T>& values) {
    Json inside = Json::array();
    for (const T& value : values) inside.push_back(object_of(value));
    put(name, std::move(inside));
  }
  void operator()(std::string_view name, const Secret& value) {
    put(name, value.empty() ? std::string_view() : Redactor::kMark);
  }
  // Of an address the password alone is one.
  void operator()(std::string_view name, const Secret& value, Text) {
    put(name, without_password(value.reveal()));
  }
  void operator()(std::string_view name, const std::vector<Secret>& values) {
    put(name, std::vector<std::string>(values.size(), std::string(Redactor::kMark)));
  }
  void options(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    const auto parsed = parse_json(value);
    put(name, parsed ? without_secrets(*parsed) : Json::object());
  }

  template <class T>
  static Json object_of(const T& value) {
    Writer inside;
    inside.object_ = Json::object();
    visit_members(inside, value);
    return inside.take();
  }

 private:
  template <class E>
  static std::string_view word(E value) {
    return Words<E>::kAll[static_cast<std::size_t>(value)];
  }
  template <Nested T>
  static Json item_of(const std::string&, const T& value) {
    return object_of(value);
  }
  static Json item_of(const std::string&, LogLevel value) { return word(value); }
  static Json item_of(const std::string& name, const std::string& value) {
    return is_sensitive_name(name) ? Json(Redactor::kMark) : Json(value);
  }
  static Json item_of(const std::string& name, const Secret& value) {
    return is_sensitive_name(name) ? Json(Redactor::kMark) : Json(value.reveal());
  }
  void put(std::string_view name, Json value) { object_[std::string(name)] = std::move(value); }

  Json object_;
};

}  // namespace

Result<Config> Config::from_json(std::string_view json) {
  const Document kept(json);
  const auto& document = kept.json();
  if (!document) return document.error();
  if (!document->is_object()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "configuration: must be a JSON object such as {\"storage\":\"memory:\"}");
  }
  Config config;
  std::vector<Fault> faults;
  Reader reader(*document, "", faults);
  visit_members(reader, config);
  reader.refuse_unknown();
  // A member that did not parse kept its default: checking it again would only repeat the fault.
  for (Fault& fault : config.check()) faults.push_back(std::move(fault));
  if (!faults.empty()) return faults_error("configuration", faults);
  return config;
}

Result<Policy> Policy::from_json(std::string_view json) {
  const Document kept(json);
  const auto& document = kept.json();
  if (!document) return document.error();
  if (!document->is_object()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "policy: must be a JSON object such as {\"degraded\":\"...\"}");
  }
  Policy policy;
  std::vector<Fault> faults;
  Reader reader(*document, "", faults);
  visit_members(reader, policy);
  reader.refuse_unknown();
  check_policy(policy, "", faults);
  if (!faults.empty()) return faults_error("policy", faults);
  return policy;
}

std::string Policy::to_json() const {
  return dump_json(Writer::object_of(*this));
}

std::string Config::to_json() const {
  return dump_json(Writer::object_of(*this));
}

}  // namespace scena
