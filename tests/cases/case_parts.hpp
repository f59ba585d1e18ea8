#pragma once

#include <memory>
#include <scena/engine.hpp>
#include <string>
#include <string_view>

namespace scena::cases {

[[noreturn]] void wrong(const std::string& what);
std::string in_quotes(std::string_view text);

/// "block WORD" or "rewrite WORD OTHER": a filter of what goes in and out.
std::shared_ptr<Filter> make_word_filter(std::string_view rest);
/// "NAME MARK": a metric that counts the mark in a message.
std::shared_ptr<Analyzer> make_mark_analyzer(std::string_view rest);
/// "CODE...": a service of the host's own that fails with these, one reply after the other.
std::shared_ptr<Provider> make_failing_provider(std::string_view rest);

}  // namespace scena::cases
