# Everything scena links comes from find_package, so vcpkg or Conan serve where Debian does not.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(simdjson REQUIRED)
find_path(SCENA_MUSTACHE_INCLUDE_DIR NAMES kainjow/mustache.hpp REQUIRED)

# c-ares: its own CMake package where there is one, else the library as Debian installs it.
find_package(c-ares CONFIG QUIET)
if(NOT TARGET c-ares::cares)
  find_path(SCENA_CARES_INCLUDE_DIR NAMES ares.h REQUIRED)
  find_library(SCENA_CARES_LIBRARY NAMES cares REQUIRED)
  add_library(c-ares::cares UNKNOWN IMPORTED)
  set_target_properties(c-ares::cares PROPERTIES
    IMPORTED_LOCATION ${SCENA_CARES_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${SCENA_CARES_INCLUDE_DIR})
endif()
