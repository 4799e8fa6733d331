# Builds and runs the project app/ against the tree installed from BUILD, or against SOURCE by add_subdirectory.
file(REMOVE_RECURSE ${WORK})
if(BUILD)
    execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/installed
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND ${WORK}/installed/bin/echosocket --version COMMAND_ERROR_IS_FATAL ANY)
    set(way -DCMAKE_PREFIX_PATH=${WORK}/installed)
else()
    set(way -DECHOSOCKET_SOURCE=${SOURCE} -DBUILD_SHARED_LIBS=ON)
endif()

execute_process(COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/app -B ${WORK}/build -G Ninja
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${way}
    COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${WORK}/build/app COMMAND_ERROR_IS_FATAL ANY)
