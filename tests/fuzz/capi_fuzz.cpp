// Random sequences of calls over the C ABI: handles used and destroyed in every order, calls inside
// callbacks, answers that come late or after their engine, structs of other sizes. Nothing may
// crash, hang or leak.
#include "capi/world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostCalls = 160;
  Bytes bytes(data, size);
  World world(bytes);
  for (std::size_t calls = 0; calls < kMostCalls && !bytes.empty(); ++calls) world.step();
  return 0;
}
