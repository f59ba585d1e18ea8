#pragma once

#include <cstddef>
#include <scena/byte_pairs.hpp>
#include <string_view>

namespace scena {

/// The first word of a text, as the family's expression finds it: at least one byte of a text that
/// is not empty. Bytes that are no UTF-8 count as signs. All words of a text together are found in
/// linear time.
std::size_t first_word(std::string_view text, TextCut cut) noexcept;

}  // namespace scena
