#include "base/text.hpp"

#include <doctest/doctest.h>

#include "base/base64.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "base/slots.hpp"

using namespace scena;

TEST_CASE("a text for the log is UTF-8 without a NUL") {
  const std::string given("a\0b\xFF\0", 5);
  CHECK_FALSE(is_sound_text(given));
  CHECK(sound_text(given) ==
        "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(is_sound_text(sound_text(given)));
  CHECK(sound_text("Grüße") == "Grüße");
  CHECK(sound_text(std::string(1u << 20, '\0')).size() == 3u << 20);
}

TEST_CASE("UTF-8 is judged strictly") {
  CHECK(is_valid_utf8("plain"));
  CHECK(is_valid_utf8("\xF0\x9F\x98\x80 \xE2\x82\xAC \xC3\xA9"));
  CHECK_FALSE(is_valid_utf8("\xC0\x80"));
  CHECK_FALSE(is_valid_utf8("\xED\xA0\x80"));
  CHECK_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));
  CHECK_FALSE(is_valid_utf8("abcdefgh\xE2\x82"));
}

TEST_CASE("a cut character is a start, a broken one is not") {
  CHECK(is_utf8_start("\xE2\x82"));
  CHECK(is_utf8_start("\xF0\x9F\x98"));
  CHECK_FALSE(is_utf8_start("\xE2\x82\xAC"));
  CHECK_FALSE(is_utf8_start("\xE0\x80"));
  CHECK_FALSE(is_utf8_start("a"));
}

TEST_CASE("truncating never cuts a character") {
  CHECK(utf8_truncate("a\xE2\x82\xAC", 3) == "a");
  CHECK(utf8_truncate("a\xE2\x82\xAC", 4) == "a\xE2\x82\xAC");
  CHECK(utf8_repair("a\xFF"
                    "b") ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("a cut sequence becomes one U+FFFD, bytes that begin nothing one each") {
  const std::string one = "\xEF\xBF\xBD";
  for (const auto& [broken, marks] : {std::pair{"\xE2\x82", 1},
                                      {"\xF0\x9F\x98", 1},
                                      {"\xF0\x9F", 1},
                                      {"\xC3", 1},
                                      {"\x80", 1},
                                      {"\xFF\xFE", 2},
                                      {"\xC0\x80", 2},
                                      {"\xED\xA0\x80", 3},
                                      {"\xF4\x90\x80\x80", 4},
                                      {"\xE0\x80\x80", 3}}) {
    std::string expected = "a";
    for (int i = 0; i < marks; ++i) expected += one;
    expected += "b";
    const std::string text = "a" + std::string(broken) + "b";
    CHECK(utf8_repair(text) == expected);
    std::string quoted;
    JsonWriter::quote(quoted, text);
    CHECK(quoted == '"' + expected + '"');
  }
}

TEST_CASE("base64 and SHA-256 match their published vectors") {
  for (const auto& [plain, coded] :
       {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foobar", "Zm9vYmFy"}}) {
    CHECK(base64_encode(plain) == coded);
    CHECK(base64_decode(coded) == plain);
  }
  CHECK_FALSE(base64_decode("Zh=="));
  CHECK_FALSE(base64_decode("Zg="));
  CHECK_FALSE(base64_decode("Z==="));
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("slots are filled once, and what comes in is not looked at for slots") {
  const auto value = [](std::string_view name) { return "<" + std::string(name) + "{{x}}>"; };
  CHECK(*fill_slots("a {{b}} {{c-1}}d", value) == "a <b{{x}}> <c-1{{x}}>d");
  CHECK(*fill_slots("no slot } {", value) == "no slot } {");
  for (const char* bad : {"{{", "{{a", "{{a b}}", "{{}}", "{{a}} {{b}"}) {
    CAPTURE(bad);
    CHECK_FALSE(fill_slots(bad, value));
  }
}

TEST_CASE("a form's slot takes the value with its type, inside a text its text") {
  const auto form =
      *parse_json(R"({"n":"{{n}}","t":"is {{n}}, {{s}}","l":["{{s}}",1],"x":"{{none}}"})");
  const auto filled = fill_form(form, [](std::string_view name) {
    if (name == "n") return Json(3);
    return name == "s" ? Json("{{n}}") : Json();
  });
  REQUIRE(filled);
  CHECK(dump_json(*filled) == R"({"l":["{{n}}",1],"n":3,"t":"is 3, {{n}}","x":null})");
}
