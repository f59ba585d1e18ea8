#pragma once

#include <scena/error.hpp>
#include <string_view>

namespace scena::sqlite {

/// What a SQLite result code means to a caller. Names the file and never what was written.
Error to_error(int extended_code, std::string_view file);

/// The same for the exception that is being handled; call it inside a catch block alone.
Error current_error(std::string_view file);

}  // namespace scena::sqlite
