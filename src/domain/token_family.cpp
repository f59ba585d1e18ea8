#include "domain/token_family.hpp"

#include <array>

namespace scena {
namespace {

constexpr TokenFamily kUnknown{"unknown", 1'000, 0};
constexpr TokenFamily kO200k{"o200k", 825, 6};
constexpr TokenFamily kCl100k{"cl100k", 828, 7};
constexpr TokenFamily kClaude{"claude", 898, 6};

struct Prefix {
  std::string_view model;
  const TokenFamily* family;
};

// The first that fits counts: longer names stand before what they begin with.
constexpr std::array kPrefixes = {
    Prefix{"gpt-4o", &kO200k},     Prefix{"gpt-4.1", &kO200k},  Prefix{"gpt-4.5", &kO200k},
    Prefix{"gpt-4", &kCl100k},     Prefix{"gpt-3.5", &kCl100k}, Prefix{"gpt-5", &kO200k},
    Prefix{"chatgpt-4o", &kO200k}, Prefix{"o1", &kO200k},       Prefix{"o3", &kO200k},
    Prefix{"o4", &kO200k},         Prefix{"claude", &kClaude},
};

}  // namespace

const TokenFamily& token_family(std::string_view model) noexcept {
  // "openai/gpt-4o": services that sell others' models put the vendor in front.
  if (const auto slash = model.rfind('/'); slash != std::string_view::npos)
    model.remove_prefix(slash + 1);
  for (const auto& [prefix, family] : kPrefixes) {
    if (model.starts_with(prefix)) return *family;
  }
  return kUnknown;
}

std::int64_t estimate_tokens_for(std::string_view model, std::int64_t estimated) noexcept {
  return (estimated * token_family(model).per_mille + 999) / 1'000;
}

}  // namespace scena
