#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <scena/ext/secret_source.hpp>

#include "base/secret.hpp"

namespace scena {
namespace {

constexpr std::size_t kMaxSecretBytes = 64u << 10;

class EnvSecrets final : public SecretSource {
 public:
  Result<std::optional<Secret>> get(std::string_view name) override {
    const char* value =
        std::getenv(std::string(name).c_str());  // lint: this is the variables' source
    if (!value || !*value) return std::optional<Secret>();
    return std::optional<Secret>(value);
  }
};

bool is_file_name(std::string_view name) noexcept {
  if (name.empty() || name.front() == '.' || name.size() > 255) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
  });
}

class FileSecrets final : public SecretSource {
 public:
  explicit FileSecrets(std::string folder) : folder_(std::move(folder)) {}

  Result<std::optional<Secret>> get(std::string_view name) override {
    if (!is_file_name(name)) return std::optional<Secret>();
    const std::string path = fmt::format("{}/{}", folder_, name);
    std::error_code fault;
    const auto status = std::filesystem::status(path, fault);
    if (status.type() == std::filesystem::file_type::not_found) return std::optional<Secret>();
    if (!std::filesystem::is_regular_file(status)) return failed(path, "is not a readable file");
    std::ifstream file(path, std::ios::binary);
    if (!file) return failed(path, "cannot be opened; check its permissions");
    std::string text(kMaxSecretBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return failed(path, "cannot be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxSecretBytes) {
      wipe(text);
      return failed(path, "is larger than 64 KiB");
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return std::optional<Secret>();
    return std::optional<Secret>(std::move(text));
  }

 private:
  static Error failed(const std::string& path, std::string_view what) {
    return Error(ErrorCode::unavailable, fmt::format("secret file \"{}\" {}", path, what));
  }
  std::string folder_;
};

class CallbackSecrets final : public SecretSource {
 public:
  using Get = std::function<std::optional<std::string>(std::string_view)>;
  explicit CallbackSecrets(Get get) : get_(std::move(get)) {}

  Result<std::optional<Secret>> get(std::string_view name) override {
    try {
      auto text = get_ ? get_(name) : std::nullopt;
      if (!text) return std::optional<Secret>();
      return std::optional<Secret>(std::move(*text));
    } catch (...) {
      // What it threw may hold the secret, so it is not repeated.
      return Error::fixed(ErrorCode::unavailable, "the host's secret function failed");
    }
  }

 private:
  Get get_;
};

}  // namespace

std::shared_ptr<SecretSource> env_secrets() {
  return std::make_shared<EnvSecrets>();
}

std::shared_ptr<SecretSource> file_secrets(std::string folder) {
  return std::make_shared<FileSecrets>(std::move(folder));
}

std::shared_ptr<SecretSource> callback_secrets(
    std::function<std::optional<std::string>(std::string_view)> get) {
  return std::make_shared<CallbackSecrets>(std::move(get));
}

}  // namespace scena
