#include "base/secret.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <string>

namespace scena {

struct Secret::Bytes {
  explicit Bytes(std::size_t count)
      : data(std::make_unique_for_overwrite<char[]>(count)), size(count) {}
  ~Bytes() { OPENSSL_cleanse(data.get(), size); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::unique_ptr<char[]> data;
  std::size_t size;
};

Secret Secret::joined(std::span<const std::string_view> parts) {
  std::size_t size = 0;
  for (const auto part : parts) size += part.size();
  Secret secret;
  if (size == 0) return secret;
  const auto bytes = std::make_shared<Bytes>(size);
  char* at = bytes->data.get();
  for (const auto part : parts) {
    if (part.empty()) continue;
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  secret.bytes_ = bytes;
  return secret;
}

Secret::Secret(std::string_view text) : Secret(joined({text})) {}

Secret::Secret(std::string&& text) : Secret(std::string_view(text)) {
  wipe(text);
}

std::string_view Secret::reveal() const noexcept {
  return bytes_ ? std::string_view(bytes_->data.get(), bytes_->size) : std::string_view();
}

bool Secret::operator==(const Secret& other) const noexcept {
  const auto mine = reveal(), theirs = other.reveal();
  return mine.size() == theirs.size() &&
         CRYPTO_memcmp(mine.data(), theirs.data(), mine.size()) == 0;
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never asks for memory
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace scena
