#include "base/secret.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <scena/ext/secret_source.hpp>
#include <stdexcept>

using namespace scena;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(!Printable<Secret>);
static_assert(Printable<int>);

TEST_CASE("copies of a secret are equal, others are not") {
  const Secret secret("hunter2");
  const Secret copy = secret;
  CHECK(bool(copy == Secret("hunter2")));
  CHECK_FALSE(bool(copy == Secret("hunter3")));
  CHECK_FALSE(bool(copy == Secret("hunter22")));
  CHECK(Secret().empty());
  CHECK(bool(Secret() == Secret("")));
  CHECK(copy.reveal() == "hunter2");
}

TEST_CASE("wiped text is zeros") {
  std::string text = "hunter2-hunter2-hunter2-hunter2";
  const char* bytes = text.data();
  wipe(text);
  CHECK(text.empty());
  // The buffer still belongs to the string, so its old bytes may be looked at through it.
  text.resize(7, 'x');
  CHECK(bytes == text.data());
  CHECK(text == "xxxxxxx");
  for (std::size_t i = 8; i < 31; ++i) CHECK(bytes[i] == '\0');
}

TEST_CASE("secrets come from the environment, a folder or a function") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("scena_secret_test_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "OPENAI_API_KEY") << "hunter2\n";
  std::ofstream(folder / "EMPTY") << "\n";
  const auto files = file_secrets(folder.string());
  CHECK(**files->get("OPENAI_API_KEY") == "hunter2");
  CHECK_FALSE(files->get("EMPTY")->has_value());
  CHECK_FALSE(files->get("ABSENT")->has_value());
  CHECK_FALSE(files->get("../" + folder.filename().string() + "/OPENAI_API_KEY")->has_value());
  std::filesystem::create_directory(folder / "DIR");
  CHECK(files->get("DIR").error().code() == ErrorCode::unavailable);
  std::filesystem::remove_all(folder);

  CHECK_FALSE(env_secrets()->get("SCENA_NO_SUCH_VARIABLE")->has_value());
  CHECK(env_secrets()->get("PATH")->has_value());

  const auto own = callback_secrets([](std::string_view name) -> std::optional<std::string> {
    if (name == "bad") throw std::runtime_error("hunter2");
    return std::string(name);
  });
  CHECK(**own->get("a") == "a");
  CHECK(std::string(own->get("bad").error().what()).find("hunter2") == std::string::npos);
}
