# Compiles data files into the program, so that it works before anything is installed:
# generated/embedded.cpp defines the table that daemon/embedded.hpp declares.
file(GLOB embedded_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/deploy/calendars/*.csv
     ${PROJECT_SOURCE_DIR}/config.yaml)
set(SPILL_EMBEDDED_SOURCE ${PROJECT_BINARY_DIR}/generated/embedded.cpp)
add_custom_command(
  OUTPUT ${SPILL_EMBEDDED_SOURCE}
  COMMAND ${CMAKE_COMMAND} -DOUT=${SPILL_EMBEDDED_SOURCE} "-DFILES=${embedded_files}"
          -DROOT=${PROJECT_SOURCE_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/embed_script.cmake
  DEPENDS ${embedded_files} ${PROJECT_SOURCE_DIR}/cmake/embed_script.cmake
  COMMENT "Embedding config.yaml and the calendars"
  VERBATIM)
