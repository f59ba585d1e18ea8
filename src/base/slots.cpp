#include "base/slots.hpp"

#include <algorithm>
#include <vector>

namespace scena {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

// The name when the whole text is one slot, else empty.
std::string_view only_slot(std::string_view text) {
  if (!text.starts_with(kOpen) || !text.ends_with(kClose) || text.size() < 5) return {};
  const auto name = text.substr(2, text.size() - 4);
  return is_slot_name(name) ? name : std::string_view();
}

std::string as_text(const Json& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.get<std::string>() : dump_json(value);
}

}  // namespace

bool is_slot_name(std::string_view name) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

Result<Secret> fill_slots(std::string_view text, const SlotText& value) {
  std::vector<Secret> values;
  std::vector<std::string_view> parts;
  for (;;) {
    const auto open = text.find(kOpen);
    parts.push_back(text.substr(0, open));
    if (open == std::string_view::npos) return Secret::joined(parts);
    text.remove_prefix(open + kOpen.size());
    const auto close = text.find(kClose);
    const auto name = text.substr(0, close);
    if (close == std::string_view::npos || !is_slot_name(name)) {
      return Error::fixed(ErrorCode::invalid_argument,
                          "holds \"{{\" that begins no slot such as \"{{city}}\"");
    }
    parts.push_back(values.emplace_back(value(name)).reveal());
    text.remove_prefix(close + kClose.size());
  }
}

Result<Json> fill_form(const Json& form, const SlotValue& value) {
  if (form.is_string()) {
    const auto& text = form.get_ref<const std::string&>();
    if (const auto name = only_slot(text); !name.empty()) return value(name);
    auto filled = fill_slots(text, [&](std::string_view name) { return as_text(value(name)); });
    if (!filled) return filled.error();
    return Json(filled->reveal());
  }
  if (!form.is_structured()) return form;
  Json out = form;
  for (auto& [name, item] : out.items()) {
    auto filled = fill_form(item, value);
    if (!filled) return filled.error();
    item = std::move(*filled);
  }
  return out;
}

}  // namespace scena
