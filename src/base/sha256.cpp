// The digest itself, not EVP: that one allocates, and fails or crashes where an allocation does.
#define OPENSSL_API_COMPAT 0x10101000L

#include "base/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

namespace scena {

std::string sha256_hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  SHA256_CTX context;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest, &context);
  std::string hex(2 * sizeof digest, '0');
  for (std::size_t i = 0; i < sizeof digest; ++i) {
    hex[2 * i] = kHex[digest[i] >> 4];
    hex[2 * i + 1] = kHex[digest[i] & 15];
  }
  return hex;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  unsigned char block[SHA256_CBLOCK] = {};
  SHA256_CTX context;
  if (key.size() > sizeof block) {
    SHA256_Init(&context);
    SHA256_Update(&context, key.data(), key.size());
    SHA256_Final(block, &context);
  } else {
    std::copy(key.begin(), key.end(), block);
  }
  const auto mask = [&block](unsigned char with) {
    for (unsigned char& byte : block) byte ^= with;
  };
  unsigned char digest[SHA256_DIGEST_LENGTH];
  mask(0x36);
  SHA256_Init(&context);
  SHA256_Update(&context, block, sizeof block);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest, &context);
  mask(0x36 ^ 0x5C);
  SHA256_Init(&context);
  SHA256_Update(&context, block, sizeof block);
  SHA256_Update(&context, digest, sizeof digest);
  SHA256_Final(digest, &context);
  OPENSSL_cleanse(block, sizeof block);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

}  // namespace scena
