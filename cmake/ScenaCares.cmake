# c-ares::cares: from its own CMake package where there is one, else the library as Debian installs
# it. Used by scena's build and, installed, by whoever links scena::scena.
find_package(c-ares CONFIG QUIET)
if(NOT TARGET c-ares::cares)
  find_path(SCENA_CARES_INCLUDE_DIR NAMES ares.h)
  find_library(SCENA_CARES_LIBRARY NAMES cares)
  mark_as_advanced(SCENA_CARES_INCLUDE_DIR SCENA_CARES_LIBRARY)
  if(SCENA_CARES_INCLUDE_DIR AND SCENA_CARES_LIBRARY)
    add_library(c-ares::cares UNKNOWN IMPORTED)
    set_target_properties(c-ares::cares PROPERTIES
      IMPORTED_LOCATION ${SCENA_CARES_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${SCENA_CARES_INCLUDE_DIR})
  endif()
endif()
