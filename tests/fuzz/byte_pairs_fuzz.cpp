// A vocabulary from a file, and texts cut and counted with it: "CUT RANKS\n\nTEXT". Words cover the
// text, each has a token at least and no more than bytes.
#include <cstdlib>

#include "base/base64.hpp"
#include "domain/tokens/byte_pairs.hpp"
#include "domain/tokens/text_cutter.hpp"

namespace {

const std::string& singles() {
  static const std::string lines = [] {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
      all += scena::base64_encode(std::string(1, static_cast<char>(byte))) + " " +
             std::to_string(1'000'000 + byte) + "\n";
    return all;
  }();
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto cut = static_cast<scena::TextCut>(data[0] % 3);
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t apart = rest.find("\n\n");
  const std::string_view text = apart == std::string_view::npos ? rest : rest.substr(apart + 2);
  const std::string ranks = singles() + std::string(rest.substr(0, std::min(apart, rest.size())));
  auto pairs = scena::BytePairs::parse(ranks, {});
  if (!pairs) pairs = scena::BytePairs::parse(singles(), {});
  if (!pairs) std::abort();
  std::int64_t tokens = 0;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t word = scena::first_word(left, cut);
    if (word == 0 || word > left.size()) std::abort();
    const std::int64_t count = pairs->count_word(left.substr(0, word));
    if (count < 1 || count > static_cast<std::int64_t>(word)) std::abort();
    tokens += count;
    left.remove_prefix(word);
  }
  return tokens < 0 ? 1 : 0;
}
