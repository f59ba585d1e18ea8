#include "cases/case_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace scena::cases {
namespace {

constexpr std::string_view kName = "%folder%";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

CaseFolder::~CaseFolder() {
  std::error_code failed;
  if (!path_.empty()) std::filesystem::remove_all(path_, failed);
}

const std::string& CaseFolder::path() {
  if (!path_.empty()) return path_;
  path_ = std::filesystem::canonical(std::filesystem::temp_directory_path()) / "scena_case_XXXXXX";
  if (!::mkdtemp(path_.data())) throw std::runtime_error("no folder can be made");
  return path_;
}

void CaseFolder::write(const std::string& name, std::string_view content) {
  std::ofstream(path() + "/" + name) << content;
}

void CaseFolder::fill(const std::string& name) {
  std::filesystem::create_symlink("/dev/full", path() + "/" + name);
}

std::string CaseFolder::insert(std::string_view text) {
  if (text.find(kName) == std::string_view::npos) return std::string(text);
  return replaced(std::string(text), kName, path());
}

std::string CaseFolder::hide(std::string_view text) const {
  if (path_.empty()) return std::string(text);
  return replaced(std::string(text), path_, kName);
}

}  // namespace scena::cases
