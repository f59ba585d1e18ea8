#pragma once

#include <string>
#include <string_view>

namespace scena::llm {

/// The text as a message of a model whose server makes its prompt by a template: words of such
/// templates
/// ("<|im_start|>", "[INST]", "</s>") get a blank behind their first byte, so that who says one
/// cannot begin another's turn with it. The text itself, where it has none, else `changed`.
std::string_view without_chat_tokens(std::string_view text, std::string& changed);

}  // namespace scena::llm
