#include "domain/object_reader.hpp"

#include <fmt/format.h>

#include <cmath>

namespace scena {
namespace {

bool has_control_character(std::string_view text, bool single_line) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0x7F) return true;
    if (byte < 0x20 && (single_line || (c != '\n' && c != '\t'))) return true;
  }
  return false;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n") == std::string_view::npos;
}

}  // namespace

void FaultList::add(std::string pointer, std::string message, std::string example) {
  if (faults_.size() >= kMaxFaults) {
    ++more_;
    return;
  }
  faults_.push_back({std::move(pointer), std::move(message), std::move(example)});
}

std::vector<Fault> FaultList::take() {
  if (more_ > 0) {
    faults_.push_back({"", fmt::format("and {} more faults; mend those above first", more_), ""});
  }
  more_ = 0;
  return std::move(faults_);
}

bool check_text(const Json& json, const std::string& pointer, const TextRule& rule,
                FaultList& faults) {
  const std::string example(rule.example);
  if (!json.is_string()) {
    faults.add(pointer, "must be a string", example);
    return false;
  }
  const auto& text = json.get_ref<const std::string&>();
  if (text.size() > rule.max_bytes) {
    faults.add(pointer,
               fmt::format("has {} bytes; at most {} are allowed", text.size(), rule.max_bytes),
               example);
    return false;
  }
  if (has_control_character(text, rule.single_line)) {
    faults.add(pointer,
               rule.single_line ? "must be one line without control characters"
                                : "holds a control character other than line break and tab",
               example);
    return false;
  }
  if (rule.required && is_blank(text)) {
    faults.add(pointer, "must not be empty", example);
    return false;
  }
  return true;
}

ObjectReader::ObjectReader(const Json& json, std::string pointer, const char* kind,
                           FaultList& faults)
    : json_(json.is_object() ? &json : nullptr),
      pointer_(std::move(pointer)),
      kind_(kind),
      faults_(faults) {
  if (!json_) faults_.add(pointer_, fmt::format("must be an object ({})", kind_));
}

const Json* ObjectReader::find(const char* name, const char* type, std::int64_t max) {
  asked_.insert(name);
  if (faults_.known) faults_.known->push_back({kind_, name, type, max});
  if (!json_) return nullptr;
  const auto found = json_->find(name);
  return found == json_->end() ? nullptr : &*found;
}

bool ObjectReader::has(const char* name) const {
  return json_ && json_->contains(name);
}

void ObjectReader::text(const char* name, std::string& out, TextRule rule) {
  const Json* member = find(name, "string", static_cast<std::int64_t>(rule.max_bytes));
  if (!member) {
    if (rule.required && json_) faults_.add(at(name), "is missing", std::string(rule.example));
    return;
  }
  if (check_text(*member, at(name), rule, faults_)) out = member->get<std::string>();
}

void ObjectReader::texts(const char* name, std::vector<std::string>& out, std::size_t max_items,
                         TextRule rule) {
  const Json* items = list(name, max_items);
  if (!items) return;
  rule.required = true;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Json& item = (*items)[i];
    if (check_text(item, json_pointer(at(name), std::to_string(i)), rule, faults_)) {
      out.push_back(item.get<std::string>());
    }
  }
}

void ObjectReader::boolean(const char* name, bool& out) {
  const Json* member = find(name, "boolean", 0);
  if (!member) return;
  if (!member->is_boolean()) {
    faults_.add(at(name), "must be true or false", "true");
    return;
  }
  out = member->get<bool>();
}

bool ObjectReader::integer(const char* name, std::int64_t min, std::int64_t max,
                           std::int64_t& out) {
  const Json* member = find(name, "integer", max);
  if (!member) return false;
  // Unsigned ones beyond int64 would wrap in get().
  const bool fits = member->is_number_integer() &&
                    (!member->is_number_unsigned() || member->get<std::uint64_t>() <= INT64_MAX);
  const std::int64_t value = fits ? member->get<std::int64_t>() : 0;
  if (!fits || value < min || value > max) {
    faults_.add(at(name), fmt::format("must be a whole number from {} to {}", min, max),
                std::to_string(min));
    return false;
  }
  out = value;
  return true;
}

bool ObjectReader::number(const char* name, double min, double max, double& out) {
  const Json* member = find(name, "number", static_cast<std::int64_t>(max));
  if (!member) return false;
  const double value = member->is_number() ? member->get<double>() : NAN;
  if (!(value >= min && value <= max)) {
    faults_.add(at(name), fmt::format("must be a number from {:g} to {:g}", min, max),
                fmt::format("{:g}", max / 2));
    return false;
  }
  out = value;
  return true;
}

const Json* ObjectReader::any(const char* name) {
  return find(name, "any", 0);
}

const Json* ObjectReader::object(const char* name) {
  return find(name, "object", 0);
}

const Json* ObjectReader::list(const char* name, std::size_t max_items, bool required,
                               std::string_view example) {
  const Json* member = find(name, "array", static_cast<std::int64_t>(max_items));
  if (!member) {
    if (required && json_) faults_.add(at(name), "is missing", std::string(example));
    return nullptr;
  }
  if (!member->is_array()) {
    faults_.add(at(name), "must be a list", std::string(example));
    return nullptr;
  }
  if (member->size() > max_items) {
    faults_.add(at(name),
                fmt::format("has {} items; at most {} are allowed", member->size(), max_items));
    return nullptr;
  }
  if (required && member->empty())
    faults_.add(at(name), "must have at least one item", std::string(example));
  return member->empty() ? nullptr : member;
}

void ObjectReader::finish() {
  if (!json_) return;
  std::string known;
  for (const auto& name : asked_) known += (known.empty() ? "" : ", ") + name;
  for (const auto& [name, value] : json_->items()) {
    if (asked_.contains(name)) continue;
    // The name is the document's own text: bounded, so that the fault is.
    faults_.add(at(std::string_view(name).substr(0, 64)),
                fmt::format("is not a member of {}; known: {}", kind_, known));
  }
}

}  // namespace scena
