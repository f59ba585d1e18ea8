#include "llm/model_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/json.hpp"
#include "base/lasting.hpp"
#include "llm/builtin_models.hpp"

namespace scena::llm {
namespace {

Error fault(const std::string& pointer, std::string_view what) {
  return Error(ErrorCode::invalid_argument, fmt::format("model catalog: {}: {}", pointer, what))
      .with_pointer(pointer);
}

// Reads members of one object; the first fault counts.
class Members {
 public:
  Members(const Json& object, std::string pointer, std::optional<Error>& error)
      : object_(object), pointer_(std::move(pointer)), error_(error) {}

  const Json* find(const char* name) {
    asked_.push_back(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  void text(const char* name, std::string& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_string()) return fail(name, "must be a text");
    out = value->get<std::string>();
  }
  void flag(const char* name, bool& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_boolean()) return fail(name, "must be true or false");
    out = value->get<bool>();
  }
  void count(const char* name, std::int64_t& out) {
    const Json* value = find(name);
    if (!value) return;
    if (!value->is_number_integer() || value->get<std::int64_t>() < 0)
      return fail(name, "must be a count of tokens");
    out = value->get<std::int64_t>();
  }
  void money(const char* name, Money& out) {
    const Json* value = find(name);
    if (!value) return;
    const auto read = value->is_string() ? Money::parse(value->get<std::string>()) : std::nullopt;
    if (!read || read->pico_usd < 0)
      return fail(name, "must be a decimal text of USD, not negative, e.g. \"2.5\"");
    out = *read;
  }
  void fail(std::string_view name, std::string_view what) {
    if (!error_) error_ = fault(json_pointer(pointer_, name), what);
  }
  // Members that nobody asked for.
  void finish() {
    for (const auto& [name, value] : object_.items()) {
      if (std::find(asked_.begin(), asked_.end(), name) == asked_.end())
        fail(name, "there is no such member");
    }
  }

 private:
  const Json& object_;
  std::string pointer_;
  std::optional<Error>& error_;
  std::vector<std::string_view> asked_;
};

Price read_price(const Json& object, const std::string& pointer, std::optional<Error>& error) {
  Members members(object, pointer, error);
  Price price;
  for (const char* needed : {"input", "output"}) {
    if (!object.contains(needed)) members.fail(needed, "a price needs it");
  }
  members.money("input", price.input);
  members.money("output", price.output);
  members.money("request", price.request);
  if (object.contains("cached_input")) members.money("cached_input", price.cached_input.emplace());
  if (object.contains("cache_write")) members.money("cache_write", price.cache_write.emplace());
  if (object.contains("reasoning")) members.money("reasoning", price.reasoning.emplace());
  members.finish();
  return price;
}

void read_refuses(Members& members, ModelRecord& record) {
  const Json* list = members.find("refuses");
  if (!list) return;
  if (!list->is_array()) return members.fail("refuses", "must be a list of settings");
  for (const auto& entry : *list) {
    const std::string name = entry.is_string() ? entry.get<std::string>() : std::string{};
    if (std::find(std::begin(kModelSettings), std::end(kModelSettings), name) ==
        std::end(kModelSettings)) {
      return members.fail("refuses",
                          "names no setting; use temperature, top_p, stop, seed, "
                          "max_tokens, reasoning_effort, tool_choice, parallel_tools "
                          "or system");
    }
    record.refuses.push_back(name);
  }
}

ModelRecord read_record(const Json& object, const std::string& pointer,
                        std::optional<Error>& error) {
  Members members(object, pointer, error);
  ModelRecord record;
  members.text("family", record.family);
  members.count("context", record.context);
  members.count("max_output", record.max_output);
  members.flag("reasoning", record.reasoning);
  members.text("thinking", record.thinking);
  if (!record.thinking.empty() && record.thinking != "budget" && record.thinking != "adaptive")
    members.fail("thinking", "must be \"budget\" or \"adaptive\"");
  members.flag("think_open", record.think_open);
  members.flag("images", record.images);
  members.flag("tools", record.tools);
  members.flag("prefill", record.prefill);
  members.flag("schema", record.schema);
  read_refuses(members, record);
  if (const Json* price = members.find("price")) {
    if (price->is_object()) {
      record.price = read_price(*price, json_pointer(pointer, "price"), error);
    } else {
      members.fail("price", "must be an object");
    }
  }
  members.finish();
  return record;
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "-20240806", "-2024-08-06", "-08-2024", "-latest", "@20240806", "-001".
bool is_version(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest.front() != '-' && rest.front() != '@') return false;
  rest.remove_prefix(1);
  if (rest == "latest") return true;
  if (rest.size() == 10 && rest[4] == '-' && rest[7] == '-')
    return is_digits(rest.substr(0, 4)) && is_digits(rest.substr(5, 2)) &&
           is_digits(rest.substr(8));
  if (rest.size() == 7 && rest[2] == '-')
    return is_digits(rest.substr(0, 2)) && is_digits(rest.substr(3));
  return is_digits(rest) && (rest.size() == 8 || rest.size() == 4 || rest.size() == 3);
}

bool is_boundary(char c) {
  return c == '-' || c == '.' || c == ':' || c == '@';
}

}  // namespace

const ModelCatalog& ModelCatalog::builtin() {
  static const Lasting<ModelCatalog> catalog([] {
    ModelCatalog all;
    // A test reads each; one that were broken would be missing here instead of ending the host.
    for (const auto& source : builtin_model_sources()) {
      if (const auto read = from_json(source.json)) all = all.with(*read);
    }
    return all;
  }());
  return catalog.get();
}

Result<ModelCatalog> ModelCatalog::from_json(std::string_view json) {
  const auto parsed = parse_json(json, {.careful = true});
  if (!parsed) return parsed.error();
  if (!parsed->is_object()) return fault("", "must be a JSON object");
  std::optional<Error> error;
  ModelCatalog catalog;
  Members members(*parsed, "", error);
  members.text("date", catalog.date_);
  members.text("source", catalog.source_);
  const Json* models = members.find("models");
  if (!models || !models->is_object()) {
    members.fail("models", "must be an object of records by model name");
  } else {
    for (const auto& [name, record] : models->items()) {
      const std::string pointer = json_pointer("/models", name);
      if (name.empty() || !record.is_object()) {
        if (!error) error = fault(pointer, "must be an object under the model's name");
        continue;
      }
      catalog.models_.emplace(name, read_record(record, pointer, error));
    }
  }
  members.finish();
  if (error) return *error;
  return catalog;
}

ModelCatalog ModelCatalog::with(const ModelCatalog& newer) const {
  ModelCatalog both = newer;
  if (both.date_.empty()) both.date_ = date_;
  if (both.source_.empty()) both.source_ = source_;
  both.models_.insert(models_.begin(), models_.end());
  return both;
}

const ModelRecord* ModelCatalog::find(std::string_view model) const {
  const auto longest = [this](std::string_view name) -> const ModelRecord* {
    for (std::size_t length = name.size(); length > 0; --length) {
      if (length < name.size() && !is_boundary(name[length])) continue;
      const auto found = models_.find(name.substr(0, length));
      if (found != models_.end()) return &found->second;
    }
    return nullptr;
  };
  if (const ModelRecord* record = longest(model)) return record;
  const std::size_t slash = model.rfind('/');
  return slash == std::string_view::npos ? nullptr : longest(model.substr(slash + 1));
}

std::optional<Price> ModelCatalog::price(std::string_view model) const {
  for (std::size_t length = model.size(); length > 0; --length) {
    if (!is_version(model.substr(length))) continue;
    const auto found = models_.find(model.substr(0, length));
    if (found != models_.end()) return found->second.price;
  }
  const std::size_t slash = model.rfind('/');
  return slash == std::string_view::npos ? std::nullopt : price(model.substr(slash + 1));
}

std::shared_ptr<const ModelCatalog> ModelBook::current() const {
  const std::lock_guard lock(mutex_);
  if (catalog_) return catalog_;
  return {std::shared_ptr<const ModelCatalog>(), &ModelCatalog::builtin()};
}

void ModelBook::replace(ModelCatalog catalog) {
  auto next = std::make_shared<const ModelCatalog>(std::move(catalog));
  const std::lock_guard lock(mutex_);
  catalog_.swap(next);
}

ModelRecord record_of(const ModelBook* book, std::string_view model) {
  const auto catalog = book ? book->current() : nullptr;
  const ModelRecord* record = (catalog ? *catalog : ModelCatalog::builtin()).find(model);
  return record ? *record : ModelRecord{};
}

}  // namespace scena::llm
