#include "llm/backends/gemini/address.hpp"

#include <algorithm>

#include "base/url.hpp"

namespace scena::llm::gemini {

bool is_vertex(std::string_view base) {
  return base.find("/publishers/") != std::string_view::npos;
}

std::string model_root(const std::string& base) {
  for (const char* version : {"/v1", "/v1beta", "/v1beta1", "/v1alpha"}) {
    if (base.ends_with(version)) return base + "/";
  }
  return is_vertex(base) ? base + "/" : base + "/v1beta/";
}

Result<std::string> model_path(std::string_view model) {
  std::string path = model.find('/') == std::string_view::npos ? "models/" : "";
  while (true) {
    const std::size_t end = std::min(model.find('/'), model.size());
    const std::string_view step = model.substr(0, end);
    if (step.empty() || step == "." || step == "..") {
      return Error::fixed(ErrorCode::invalid_argument,
                          "model: is no name of a model; write for example \"gemini-2.5-flash\"")
          .with_pointer("/model");
    }
    path += percent_encode(step);
    if (end == model.size()) return path;
    path += '/';
    model.remove_prefix(end + 1);
  }
}

}  // namespace scena::llm::gemini
