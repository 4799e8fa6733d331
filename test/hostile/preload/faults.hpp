// What the preloaded faults.cpp and the test that preloads it agree on.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace echosocket::faults {

enum class kind : std::uint8_t {
    interrupted,       ///< EINTR, of recv, send and accept.
    would_block,       ///< EAGAIN, likewise.
    short_read,        ///< Fewer bytes than there were.
    short_write,       ///< Fewer bytes than there was room for.
    connection_reset,  ///< ECONNRESET, of recv and send.
    no_buffers,        ///< ENOBUFS, of send and accept.
    no_descriptors,    ///< EMFILE, of accept.
    count
};

/// A file of this layout is mapped by both; its path is in the environment variable.
inline constexpr const char* variable = "ECHOSOCKET_FAULTS";

struct shared {
    std::uint64_t seed;
    std::uint32_t soft_one_in;         ///< Calls that end with one of the first four kinds; 0 is none of them.
    std::uint32_t hard_one_in;         ///< Of recv and send, with one of the others; only on TCP.
    std::uint32_t hard_accept_one_in;  ///< The same of accept.
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(kind::count)> injected;
};

}  // namespace echosocket::faults
