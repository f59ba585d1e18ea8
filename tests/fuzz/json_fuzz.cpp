// Any bytes at the JSON door: the usual reader and the library's parser, which reads what may hold
// secrets, give the same value of the same kinds, or refuse it both. Good seeds are stored events.
#include <cstdint>
#include <cstdlib>

#include "base/json.hpp"
#include "support/same_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // The first bit says how careful to be.
  const bool careful = (data[0] & 1) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto usual = scena::parse_json(text, {.careful = careful});
  const auto library = scena::parse_json(text, {.careful = careful, .secret = true});
  if (usual.has_value() != library.has_value()) std::abort();
  if (usual && !scena::test::same_json(*usual, *library)) std::abort();
  if (!usual) return 0;
  const auto again = scena::parse_json(scena::dump_json(*usual));
  if (!again || *again != *usual) std::abort();
  return 0;
}
