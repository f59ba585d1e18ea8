#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <scena/preset.hpp>
#include <string>
#include <string_view>

namespace scena {

/// Says what is wrong with a mustache template, or nothing. Allowed are {{name}}, {{{name}}},
/// {{&name}}, {{#name}}..{{/name}}, {{^name}}..{{/name}} and {{! remarks}}. Partials would evaluate
/// a value as a template, and other delimiters would hide tags from this check: both are refused.
std::optional<std::string> check_template(std::string_view text,
                                          const std::function<bool(std::string_view)>& is_variable);

/// Evaluates a checked template once. Nothing is escaped; a section shows while its variable is
/// neither empty nor "false" (booleans) or empty (others).
class TemplateEngine {
 public:
  /// Both are copied as far as needed.
  TemplateEngine(const Preset& preset, const VariableValues& values);
  ~TemplateEngine();
  TemplateEngine(const TemplateEngine&) = delete;
  TemplateEngine& operator=(const TemplateEngine&) = delete;

  /// Replaces `text` by its evaluated form. False when it is malformed or grows over `max_bytes`.
  bool render(std::string& text, std::size_t max_bytes) const;

 private:
  struct Data;
  std::unique_ptr<Data> data_;
};

/// Calls `visit` with every template of a preset and its JSON pointer.
void visit_templates(
    Preset& preset,
    const std::function<void(const std::string& pointer, std::string& text)>& visit);

}  // namespace scena
