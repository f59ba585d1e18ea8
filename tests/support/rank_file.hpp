#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/base64.hpp"

namespace scena::test {

inline std::string rank_line(std::string_view token, int rank) {
  return base64_encode(token) + " " + std::to_string(rank) + "\n";
}

/// Every single byte, and then these, in their order.
inline std::string rank_file(const std::vector<std::string>& tokens) {
  std::string file;
  for (int byte = 0; byte < 256; ++byte)
    file += rank_line(std::string(1, static_cast<char>(byte)), byte);
  int rank = 256;
  for (const auto& token : tokens) file += rank_line(token, rank++);
  return file;
}

}  // namespace scena::test
