# scena_link_hidden(<target> <version script>): links the library into a shared object that exports
# nothing but what the version script names and needs nothing of the process around it but the C and
# C++ runtimes. A host such as Node or Python brings OpenSSL and SQLite of its own, so those are
# linked from static archives wherever there are any; the target's property SCENA_STATIC says whether
# all of them were there. SCENA_SYSTEM_LIBRARIES asks for the shared ones instead
# (docs/design/library-size.md).
find_package(SQLite3 REQUIRED)

# scena_archives(<variable> <target> <archive names...>): the archives, or the target with a notice.
function(scena_archives variable target)
  set(found "")
  foreach(name IN LISTS ARGN)
    string(TOUPPER SCENA_ARCHIVE_${name} entry)
    find_library(${entry} NAMES lib${name}.a)
    mark_as_advanced(${entry})
    if(NOT ${entry})
      message(STATUS "scena: no static lib${name}.a; the shared ${target} is linked")
      set(${variable} ${target} PARENT_SCOPE)
      return()
    endif()
    list(APPEND found ${${entry}})
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

function(scena_link_hidden target version_script)
  scena_archives(sqlitecpp SQLiteCpp SQLiteCpp)
  if(SCENA_SYSTEM_LIBRARIES)
    set(sqlite SQLite::SQLite3)
    set(openssl OpenSSL::SSL OpenSSL::Crypto)
    set(cares c-ares::cares)
    set(zlib ZLIB::ZLIB)
  else()
    scena_archives(sqlite SQLite::SQLite3 sqlite3)
    scena_archives(openssl OpenSSL::SSL ssl crypto)
    scena_archives(cares c-ares::cares cares)
    scena_archives(zlib ZLIB::ZLIB z)
  endif()
  set(static ON)
  foreach(linked IN ITEMS ${sqlitecpp} ${sqlite} ${openssl} ${cares} ${zlib})
    if(TARGET ${linked})
      set(static OFF)
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES SCENA_STATIC ${static})
  # Debian's static Boost.URL is not compiled for shared objects: the library brings its own copy.
  set(boost_url ${PROJECT_SOURCE_DIR}/capi/src/boost_url.cpp)
  target_sources(${target} PRIVATE ${boost_url})
  set_source_files_properties(${boost_url} PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release,RelWithDebInfo>:-Os>")
  # Only what the archive holds and the exported functions need is linked in.
  target_link_libraries(${target} PRIVATE scena_options $<BUILD_INTERFACE:$<TARGET_FILE:scena>>
    ${sqlitecpp} ${sqlite} ${openssl} ${cares} ${zlib} Boost::headers Threads::Threads ${CMAKE_DL_LIBS})
  add_dependencies(${target} scena)
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${version_script} -Wl,--exclude-libs,ALL -Wl,-Bsymbolic -Wl,--gc-sections)
endfunction()
