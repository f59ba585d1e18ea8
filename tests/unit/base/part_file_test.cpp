#include "base/part_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "support/files.hpp"
#include "support/temp_folder.hpp"

using namespace scena;
using test::read_file;
using test::TempFolder;
using test::write_file;

namespace {

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

void write_to(const PartFile& part, const std::string& text) {
  REQUIRE(::write(part.descriptor(), text.data(), text.size()) ==
          static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("a part takes its file's name when it is whole, and touches nothing that stands there") {
  const TempFolder folder;
  write_file(folder.file("a"), "old");
  write_file(folder.file("a.part"), "mine");
  {
    auto part = PartFile::create(folder.file("a"));
    REQUIRE(part);
    write_to(*part, "new");
    CHECK(read_file(folder.file("a")) == "old");
    struct stat facts {};
    REQUIRE(::stat(part->name().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    REQUIRE(part->replace());
  }
  CHECK(read_file(folder.file("a")) == "new");
  CHECK(read_file(folder.file("a.part")) == "mine");
  CHECK(names_in(folder.path()) == std::set<std::string>{"a", "a.part"});
}

TEST_CASE("a part that did not become whole is removed, and a folder that is none is told") {
  const TempFolder folder;
  CHECK(PartFile::create(folder.file("a")));
  CHECK(names_in(folder.path()).empty());
  CHECK_FALSE(PartFile::create(folder.file("none/a")));
  CHECK(errno == ENOENT);
}

TEST_CASE("parts that nobody holds are removed, and nothing else is") {
  const TempFolder folder;
  const std::string left = "a.db.0123456789abcdef.part";
  for (const char* ending : {"", "-journal", "-wal"})
    write_file(folder.file(left + ending), "left");
  write_file(folder.file("a.db.00000000000000ff.part-shm"),
             "");  // the part itself was removed before
  std::set<std::string> kept{"a.db",
                             "a.db.part",
                             "a.db.0123456789ABCDEF.part",
                             "a.db.0123456789abcdef.parts",
                             ".0123456789abcdef.part",
                             "b.db.0123456789abcdef.part"};
  for (const auto& name : kept) write_file(folder.file(name), "mine");
  std::filesystem::create_symlink("a.db", folder.file("a.db.1111111111111111.part"));
  kept.insert("a.db.1111111111111111.part");
  {
    const auto held = PartFile::create(folder.file("a.db"));
    REQUIRE(held);
    write_file(held->name() + "-journal", "");
    remove_left_parts(folder.path(), "a.db");
    CHECK(std::filesystem::exists(held->name()));
    CHECK(std::filesystem::exists(held->name() + "-journal"));
  }
  remove_left_parts(folder.path(), "a.db");
  CHECK(names_in(folder.path()) == kept);
  remove_left_parts(folder.path());
  kept.erase("b.db.0123456789abcdef.part");
  CHECK(names_in(folder.path()) == kept);
}
