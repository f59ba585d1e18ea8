#include "base/json_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace scena {
namespace {

constexpr std::array<std::string_view, 7> kTypes{"null",   "boolean", "integer", "number",
                                                 "string", "array",   "object"};
constexpr int kMaxDepth = 256;  // schemas inside each other, references and values included

Error fault(const std::string& pointer, std::string message) {
  Error error(ErrorCode::invalid_argument,
              pointer.empty() ? std::move(message) : pointer + ": " + message);
  return error.with_pointer(pointer);
}

bool is_type_name(const Json& value) {
  return value.is_string() && std::find(kTypes.begin(), kTypes.end(),
                                        value.get_ref<const std::string&>()) != kTypes.end();
}

// The definition that a local reference names, or null.
const Json* resolve(const Json& root, const std::string& reference) {
  if (reference == "#") return &root;
  if (!reference.starts_with("#/")) return nullptr;
  const Json* at = &root;
  std::size_t from = 2;
  for (;;) {
    const std::size_t slash = std::min(reference.find('/', from), reference.size());
    std::string token = reference.substr(from, slash - from);
    for (std::size_t i = 0; (i = token.find('~', i)) != std::string::npos; ++i)
      token.replace(i, 2, token.substr(i, 2) == "~1" ? "/" : "~");
    if (!at->is_object()) return nullptr;
    const auto found = at->find(token);
    if (found == at->end()) return nullptr;
    at = &*found;
    if (slash == reference.size()) return at;
    from = slash + 1;
  }
}

// --- is it a schema? -----------------------------------------------------------------------------

class Reading {
 public:
  explicit Reading(const Json& root) : root_(root) {}

  Result<void> read_all() {
    if (auto good = read(root_, ""); !good) return good;
    // What references name may lie where no schema is looked for.
    while (!named_.empty()) {
      const auto [schema, at] = named_.back();
      named_.pop_back();
      if (!seen_.insert(schema).second) continue;
      if (auto good = read(*schema, at); !good) return good;
    }
    return {};
  }

 private:
  Result<void> read(const Json& schema, const std::string& at) {
    if (schema.is_boolean()) return {};
    if (!schema.is_object()) return fault(at, "must be a schema: an object, true or false");
    for (const auto& [word, value] : schema.items()) {
      if (auto good = read_word(word, value, json_pointer(at, word)); !good) return good;
    }
    return {};
  }

  static bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  }

  Result<void> read_word(std::string_view word, const Json& value, const std::string& at) {
    if (word == "type") return read_type(value, at);
    if (is_one_of(word, {"properties", "$defs", "definitions"})) return read_map(value, at);
    if (is_one_of(word, {"anyOf", "oneOf", "allOf"})) return read_list(value, at);
    if (is_one_of(word, {"items", "additionalProperties"})) return read(value, at);
    if (word == "required") return read_names(value, at);
    if (word == "enum") {
      if (!value.is_array() || value.empty()) return fault(at, "must be a list of values");
      return {};
    }
    if (word == "$ref") return read_reference(value, at);
    if (is_one_of(word, {"minLength", "maxLength", "minItems", "maxItems"})) {
      if (value.is_number_unsigned()) return {};
      return fault(at, "must be a whole number, zero or more");
    }
    if (is_one_of(word, {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})) {
      if (value.is_number() || (value.is_boolean() && word.starts_with("exclusive"))) return {};
      return fault(at, "must be a number");
    }
    if (word == "multipleOf") {
      if (value.is_number() && value.get<double>() > 0) return {};
      return fault(at, "must be a number above zero");
    }
    if (is_one_of(word, {"nullable", "uniqueItems"}) && !value.is_boolean())
      return fault(at, "must be true or false");
    return {};
  }

  Result<void> read_reference(const Json& value, const std::string& at) {
    const Json* named = value.is_string() ? resolve(root_, value.get<std::string>()) : nullptr;
    if (!named) return fault(at, "must name a definition in this schema, e.g. \"#/$defs/name\"");
    named_.emplace_back(named, value.get<std::string>().substr(1));
    return {};
  }

  static Result<void> read_type(const Json& value, const std::string& at) {
    const bool list =
        value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_type_name);
    if (list || is_type_name(value)) return {};
    return fault(at, "must be one of null, boolean, integer, number, string, array, object");
  }

  static Result<void> read_names(const Json& value, const std::string& at) {
    const bool names = value.is_array() && std::all_of(value.begin(), value.end(),
                                                       [](const Json& n) { return n.is_string(); });
    if (names) return {};
    return fault(at, "must be a list of member names");
  }

  Result<void> read_map(const Json& value, const std::string& at) {
    if (!value.is_object()) return fault(at, "must be an object of schemas");
    for (const auto& [name, schema] : value.items()) {
      if (auto good = read(schema, json_pointer(at, name)); !good) return good;
    }
    return {};
  }

  Result<void> read_list(const Json& value, const std::string& at) {
    if (!value.is_array() || value.empty()) return fault(at, "must be a list of schemas");
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto good = read(value[i], json_pointer(at, std::to_string(i))); !good) return good;
    }
    return {};
  }

  const Json& root_;
  std::vector<std::pair<const Json*, std::string>> named_;  // by references, still to be read
  std::set<const Json*> seen_;
};

// --- does a value follow it? ---------------------------------------------------------------------

bool is_whole(const Json& value) {
  if (value.is_number_integer()) return true;
  return value.is_number_float() && std::isfinite(value.get<double>()) &&
         std::trunc(value.get<double>()) == value.get<double>();
}

bool has_type(const Json& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return is_whole(value);
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  return value.is_object();
}

std::string type_words(const Json& type) {
  if (type.is_string()) return type.get<std::string>();
  std::string words;
  for (const auto& one : type) words += (words.empty() ? "" : " or ") + one.get<std::string>();
  return words;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

class Checking {
 public:
  Checking(const Json& root, std::size_t steps) : root_(root), steps_(steps) {}

  Result<void> check(const Json& rule, const Json& value, const std::string& at) {
    if (depth_ == kMaxDepth) return fault(at, "cannot be checked: the schema refers in a circle");
    ++depth_;
    auto good = check_inside(rule, value, at);
    --depth_;
    return good;
  }

 private:
  Result<void> check_inside(const Json& rule, const Json& value, const std::string& at) {
    if (auto room = step(at); !room) return room;
    if (rule.is_boolean()) {
      if (rule.get<bool>()) return {};
      return fault(at, "is not allowed here");
    }
    if (value.is_null() && rule.value("nullable", false)) return {};
    if (auto good = check_words(rule, value, at); !good) return good;
    const auto reference = rule.find("$ref");
    if (reference == rule.end()) return {};
    return check(*resolve(root_, reference->get_ref<const std::string&>()), value, at);
  }

  Result<void> step(const std::string& at) {
    if (steps_ == 0) return fault(at, "is too large to be checked against this schema");
    --steps_;
    return {};
  }

  Result<void> check_words(const Json& rule, const Json& value, const std::string& at) {
    if (auto good = check_value(rule, value, at); !good) return good;
    Result<void> good;
    if (value.is_number()) good = check_number(rule, value.get<double>(), at);
    if (value.is_string()) {
      good = check_size(rule, "minLength", "maxLength", "characters",
                        characters(value.get_ref<const std::string&>()), at);
    }
    if (value.is_array()) good = check_array(rule, value, at);
    if (value.is_object()) good = check_object(rule, value, at);
    if (!good) return good;
    return check_choices(rule, value, at);
  }

  Result<void> check_value(const Json& rule, const Json& value, const std::string& at) {
    if (const auto type = rule.find("type"); type != rule.end()) {
      const bool fits = type->is_string()
                            ? has_type(value, type->get_ref<const std::string&>())
                            : std::any_of(type->begin(), type->end(), [&](const Json& one) {
                                return has_type(value, one.get_ref<const std::string&>());
                              });
      if (!fits) return fault(at, "must be of type " + type_words(*type));
    }
    if (const auto words = rule.find("enum"); words != rule.end()) {
      for (const auto& one : *words) {
        if (auto room = step(at); !room) return room;
        if (one == value) return {};
      }
      return fault(at, "must be one of " + shown(*words));
    }
    const auto constant = rule.find("const");
    if (constant == rule.end() || *constant == value) return {};
    return fault(at, "must be " + shown(*constant));
  }

  static std::string shown(const Json& value) {
    std::string text = dump_json(value);
    return text.size() <= 200 ? text : "what the schema lists";
  }

  static Result<void> check_number(const Json& rule, double number, const std::string& at) {
    const auto bound = [&](const char* name) -> const Json* {
      const auto found = rule.find(name);
      return found != rule.end() && found->is_number() ? &*found : nullptr;
    };
    const auto strict = [&](const char* name) {
      const auto found = rule.find(name);  // the boolean form of older drafts
      return found != rule.end() && found->is_boolean() && found->get<bool>();
    };
    const Json* low = bound("minimum");
    const Json* high = bound("maximum");
    const Json* above = bound("exclusiveMinimum");
    const Json* below = bound("exclusiveMaximum");
    if (low && strict("exclusiveMinimum")) above = std::exchange(low, nullptr);
    if (high && strict("exclusiveMaximum")) below = std::exchange(high, nullptr);
    if (low && !(number >= low->get<double>())) return fault(at, "must be at least " + shown(*low));
    if (high && !(number <= high->get<double>()))
      return fault(at, "must be at most " + shown(*high));
    if (above && !(number > above->get<double>()))
      return fault(at, "must be above " + shown(*above));
    if (below && !(number < below->get<double>()))
      return fault(at, "must be below " + shown(*below));
    if (const Json* part = bound("multipleOf")) {
      const double times = number / part->get<double>();
      if (!(std::abs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::abs(times))))
        return fault(at, "must be a multiple of " + shown(*part));
    }
    return {};
  }

  static Result<void> check_size(const Json& rule, const char* least, const char* most,
                                 const char* unit, std::size_t size, const std::string& at) {
    const auto low = rule.find(least);
    if (low != rule.end() && size < low->get<std::uint64_t>())
      return fault(at, fmt::format("must have at least {} {}", low->get<std::uint64_t>(), unit));
    const auto high = rule.find(most);
    if (high != rule.end() && size > high->get<std::uint64_t>())
      return fault(at, fmt::format("must have at most {} {}", high->get<std::uint64_t>(), unit));
    return {};
  }

  Result<void> check_array(const Json& rule, const Json& value, const std::string& at) {
    if (auto good = check_size(rule, "minItems", "maxItems", "items", value.size(), at); !good)
      return good;
    if (rule.value("uniqueItems", false)) {
      std::set<Json> seen;
      for (const auto& item : value) {
        if (!seen.insert(item).second) return fault(at, "must not hold an item twice");
      }
    }
    const auto items = rule.find("items");
    if (items == rule.end()) return {};
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto good = check(*items, value[i], json_pointer(at, std::to_string(i))); !good)
        return good;
    }
    return {};
  }

  Result<void> check_object(const Json& rule, const Json& value, const std::string& at) {
    if (const auto required = rule.find("required"); required != rule.end()) {
      for (const auto& name : *required) {
        if (auto room = step(at); !room) return room;
        const auto& member = name.get_ref<const std::string&>();
        if (!value.contains(member)) return fault(json_pointer(at, member), "is required");
      }
    }
    const auto properties = rule.find("properties");
    const auto others = rule.find("additionalProperties");
    for (const auto& [name, member] : value.items()) {
      if (properties != rule.end()) {
        if (const auto known = properties->find(name); known != properties->end()) {
          if (auto good = check(*known, member, json_pointer(at, name)); !good) return good;
          continue;
        }
      }
      if (others == rule.end()) continue;
      // Its name is the value's own: the error points to the object around it.
      if (auto good = check(*others, member, at); !good)
        return fault(at, "has a member that the schema does not allow");
    }
    return {};
  }

  Result<void> check_choices(const Json& rule, const Json& value, const std::string& at) {
    if (const auto all = rule.find("allOf"); all != rule.end()) {
      for (const auto& one : *all) {
        if (auto good = check(one, value, at); !good) return good;
      }
    }
    const auto any = rule.find("anyOf");
    if (any != rule.end() && matches(*any, value, at) == 0)
      return fault(at, "follows none of the forms that the schema allows");
    const auto one = rule.find("oneOf");
    if (one != rule.end() && matches(*one, value, at) != 1)
      return fault(at, "must follow exactly one of the forms that the schema allows");
    return {};
  }

  std::size_t matches(const Json& schemas, const Json& value, const std::string& at) {
    return static_cast<std::size_t>(
        std::count_if(schemas.begin(), schemas.end(),
                      [&](const Json& one) { return check(one, value, at).has_value(); }));
  }

  const Json& root_;
  std::size_t steps_;
  int depth_ = 0;
};

}  // namespace

JsonSchema::JsonSchema(Json schema, std::size_t max_steps)
    : schema_(std::make_shared<const Json>(std::move(schema))), max_steps_(max_steps) {}

Result<JsonSchema> JsonSchema::parse(std::string_view text) {
  return parse(text, Limits{});
}

Result<JsonSchema> JsonSchema::parse(std::string_view text, const Limits& limits) {
  auto schema = parse_json(text, {.max_bytes = limits.max_bytes, .careful = true});
  if (!schema) return Error(ErrorCode::invalid_argument, schema.error().what());
  if (auto good = Reading(*schema).read_all(); !good) return good.error();
  return JsonSchema(std::move(*schema), limits.max_steps);
}

bool JsonSchema::is_for_object() const noexcept {
  if (!schema_->is_object()) return false;
  const auto type = schema_->find("type");
  return type == schema_->end() || *type == "object";
}

Result<void> JsonSchema::check(const Json& value) const {
  return Checking(*schema_, max_steps_).check(*schema_, value, "");
}

}  // namespace scena
