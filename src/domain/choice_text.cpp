#include "domain/choice_text.hpp"

#include <algorithm>
#include <set>

namespace scena {
namespace {

constexpr std::string_view kSigns = "\\[]|";

bool is_sign(char c) noexcept {
  return kSigns.find(c) != std::string_view::npos;
}

bool is_section(std::string_view text) noexcept {
  return text.size() > 2 && text.starts_with("{{") &&
         std::string_view("#^/!").find(text[2]) != std::string_view::npos;
}

Error choice_fault(const char* message) {
  return Error(ErrorCode::invalid_argument, message);
}

}  // namespace

Result<ChoiceText> ChoiceText::parse(std::string_view text, Form form) {
  ChoiceText parsed;
  Part part(1);
  bool inside = false;
  const auto finish = [&] {
    if (part.size() > 1 || !part.front().empty()) parsed.parts_.push_back(std::move(part));
    part = Part(1);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.size() > 1 && rest[0] == '\\' && is_sign(rest[1])) {
      part.back() += text[++i];
    } else if (rest.starts_with("[[")) {
      if (inside) return choice_fault("has a choice [[...]] inside another one");
      finish();
      inside = true;
      ++i;
    } else if (inside && rest.starts_with("]]")) {
      if (part.size() < 2)
        return choice_fault("has a choice without two texts; write [[this|that]]");
      // Of the rendered text variables may have left nothing.
      if (form == Form::unrendered &&
          std::all_of(part.begin(), part.end(), [](const auto& way) { return way.empty(); }))
        return choice_fault("has an empty choice; write [[this|that]]");
      finish();
      inside = false;
      ++i;
    } else if (inside && rest[0] == '|') {
      part.emplace_back();
    } else if (inside && form == Form::unrendered && is_section(rest)) {
      return choice_fault("has a section or remark {{...}} in a choice; put it around the choice");
    } else {
      part.back() += rest[0];
    }
  }
  if (inside) return choice_fault("has a choice [[ without its ]]");
  finish();
  return parsed;
}

ChoiceText ChoiceText::plain(std::string text) {
  ChoiceText plain;
  plain.parts_.push_back({std::move(text)});
  return plain;
}

std::string ChoiceText::say(Random& random) const {
  std::string said;
  for (const Part& part : parts_)
    said += part.size() == 1 ? part[0] : part[random.below(part.size())];
  return said;
}

bool ChoiceText::can_begin(std::string_view said) const {
  std::set<std::size_t> ends{0};  // how far into `said` the parts so far can lead
  for (const Part& part : parts_) {
    std::set<std::size_t> next;
    for (const std::size_t end : ends) {
      const std::string_view rest = said.substr(end);
      for (const std::string& way : part) {
        if (way.starts_with(rest)) return true;
        if (rest.starts_with(way)) next.insert(end + way.size());
      }
    }
    ends = std::move(next);
  }
  return ends.contains(said.size());
}

std::string escape_choices(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (is_sign(c)) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace scena
