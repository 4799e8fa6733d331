// Random numbers for jitter and shuffling; nothing that anybody must not guess.
#pragma once

#include <random>

namespace echosocket {

/// Thread safety: each thread has its own.
[[nodiscard]] inline std::minstd_rand& random_numbers() {
    thread_local std::minstd_rand numbers{std::random_device{}()};
    return numbers;
}

}  // namespace echosocket
