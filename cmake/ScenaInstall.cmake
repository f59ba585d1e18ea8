# cmake --install: the static library with its headers, the C library with its header,
# and what find_package(scena) and pkg-config need. Two export sets, so that a host of the C library
# alone needs none of the packages that the static library links.
include(CMakePackageConfigHelpers)
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/scena)

install(TARGETS scena EXPORT scenaTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cxx
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cxx)
install(EXPORT scenaTargets NAMESPACE scena:: DESTINATION ${config_dir} COMPONENT cxx)

if(TARGET scena_capi)
  install(TARGETS scena_capi EXPORT scenaCapiTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT capi
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT capi)
  install(EXPORT scenaCapiTargets NAMESPACE scena:: DESTINATION ${config_dir} COMPONENT capi)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/scena.pc.in ${PROJECT_BINARY_DIR}/scena.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/scena.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT capi)
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/scenaConfig.cmake.in
  ${PROJECT_BINARY_DIR}/scenaConfig.cmake INSTALL_DESTINATION ${config_dir})
# Before 1.0 a new minor version may change the C++ API.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/scenaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/scenaConfig.cmake ${PROJECT_BINARY_DIR}/scenaConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/ScenaCares.cmake DESTINATION ${config_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/docs/reference/preset.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/scena)
