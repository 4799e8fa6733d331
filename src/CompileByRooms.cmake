# Nine tenths of a source's compile time go to Asio's headers, and to what each source instantiates of them anew. So the
# sources of a folder are compiled together, some at a time. -DCMAKE_UNITY_BUILD=OFF compiles each by itself, as the
# presets `debug` and `clang` do (Clang with the tests' headers precompiled): what is missing in one source, and hidden by
# another's #include, is found there.

# compile_by_rooms(TARGET MOST): at most so many at a time. A name in an anonymous namespace has to be the only one of its
# folder.
function(compile_by_rooms target most)
    if(DEFINED CMAKE_UNITY_BUILD AND NOT CMAKE_UNITY_BUILD)
        return()
    endif()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    # GCC takes sources that are included for headers, whose classes and coroutines should not hold what is anonymous.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    get_target_property(sources ${target} SOURCES)
    set(rooms "")
    foreach(source IN LISTS sources)
        cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
        cmake_path(GET path PARENT_PATH room)
        list(APPEND rooms ${room})
        list(APPEND sources_of_${room} ${source})
    endforeach()
    list(REMOVE_DUPLICATES rooms)
    foreach(room IN LISTS rooms)
        list(LENGTH sources_of_${room} count)
        math(EXPR batches "(${count} + ${most} - 1) / ${most}")
        cmake_path(GET room FILENAME name)
        set(index 0)
        foreach(source IN LISTS sources_of_${room})
            math(EXPR batch "${index} * ${batches} / ${count} + 1")
            set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${name}_${batch})
            math(EXPR index "${index} + 1")
        endforeach()
    endforeach()
endfunction()
