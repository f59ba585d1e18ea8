#include "llm/embed/embed_vendor.hpp"

#include <fmt/format.h>

#include "llm/secret_words.hpp"

namespace scena::llm {

Result<std::string> named_model(const std::string& asked, const std::string& configured,
                                std::string_view example) {
  if (!asked.empty()) return asked;
  if (!configured.empty()) return configured;
  return Error(ErrorCode::invalid_argument,
               fmt::format("model: none is named; write for example \"{}\"", example))
      .with_pointer("/model");
}

net::HttpRequest embed_call(const std::string& url, const Secret& key) {
  net::HttpRequest http;
  http.url = url;
  http.may_repeat = true;
  if (!key.empty()) http.headers.emplace_back("Authorization", bearer(key));
  return http;
}

}  // namespace scena::llm
