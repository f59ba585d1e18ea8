// Any bytes as an answer of each service of embeddings: vectors of equal size for all texts, or an
// error.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "llm/embed/embed_vendor.hpp"

namespace {

using namespace scena;

void check(const llm::EmbedVendor& vendor, std::string_view body) {
  for (const std::size_t texts : {1, 3}) {
    const auto batch = vendor.read(body, texts);
    if (!batch) continue;
    if (batch->dimensions == 0 || batch->values.size() != batch->dimensions * texts) std::abort();
    for (const float value : batch->values) {
      if (!std::isfinite(value)) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const llm::ProviderUrl url{"", "m", "http://localhost:9"};
  for (const auto make : {llm::make_openai_embed, llm::make_gemini_embed, llm::make_cohere_embed,
                          llm::make_ollama_embed}) {
    check(**make({}, url), body);
  }
  return 0;
}
