// The first half of the input is a secret, the second half surrounds it: it never comes through.
#include <cstdlib>

#include "base/redact.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view secret = input.substr(0, size / 2), rest = input.substr(size / 2);
  scena::Redactor redactor;
  redactor.add(scena::Secret(secret));
  const auto cut = rest.size() / 2;
  const std::string shown = redactor.redact(std::string(rest.substr(0, cut)) + std::string(secret) +
                                            std::string(rest.substr(cut)));
  // A secret with the mark's own character may come to be again beside a mark.
  const bool markable = secret.find('*') == std::string_view::npos;
  if (secret.size() >= scena::Redactor::kShortest && markable &&
      shown.find(secret) != std::string::npos)
    std::abort();
  (void)scena::is_sensitive_name(secret);
  if (redactor.redact_field("password", secret) != (secret.empty() ? "" : "***")) std::abort();
  return 0;
}
