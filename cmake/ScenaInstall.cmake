# cmake --install: the library, its public headers, the scena command and the package files with
# which find_package(scena) gives a host scena::scena.
include(CMakePackageConfigHelpers)
set(SCENA_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/scena)

install(TARGETS scena EXPORT scenaTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT scenaTargets NAMESPACE scena:: DESTINATION ${SCENA_PACKAGE_DIR})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/scenaConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/scenaConfig.cmake INSTALL_DESTINATION ${SCENA_PACKAGE_DIR})
# Before 1.0 a new minor version may break source compatibility.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/scenaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/scenaConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/scenaConfigVersion.cmake
  DESTINATION ${SCENA_PACKAGE_DIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/docs/reference/preset.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/scena)
