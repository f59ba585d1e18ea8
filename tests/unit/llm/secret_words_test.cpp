#include "llm/secret_words.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace scena;

namespace {

std::string without(const char* key, std::string text) {
  ProviderConfig config;
  config.api_key = key;
  const llm::SecretWords words(config);
  const bool occurs = words.occur_in(text);
  const std::string before = text;
  words.take_out_of(text);
  CHECK(occurs == (text != before));
  return text;
}

}  // namespace

TEST_CASE("a key is taken out wherever it stands, a short one only as a word of its own") {
  CHECK(without("sk-123456789", "xsk-123456789y") == "x***y");
  CHECK(without("token", "8192 tokens, your token is token") == "8192 tokens, your *** is ***");
  CHECK(without("k", "too many tokens for key \"k\"") == "too many tokens for key \"***\"");
  CHECK(without("key", "key") == "***");
  CHECK(without("key", "monkey keys") == "monkey keys");
  CHECK(without("", "nothing") == "nothing");
}
