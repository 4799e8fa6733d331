// The answer of the tasks `put` and `get`.
#pragma once

#include <boost/describe/class.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace echosocket::cli {

/// Bytes of the pieces in which a file is sent; they are smaller if the other end accepts less.
inline constexpr std::size_t piece_size = 64 * 1024;
using file_piece = std::vector<std::byte>;

inline std::string_view as_text(const file_piece& piece) noexcept {
    return {reinterpret_cast<const char*>(piece.data()), piece.size()};
}

/// A completely transferred file.
struct stored_file {
    std::string name;  ///< The name on the server.
    std::uint64_t bytes = 0;
    std::string crc32;  ///< Eight hexadecimal digits.
};
BOOST_DESCRIBE_STRUCT(stored_file, (), (name, bytes, crc32))

}  // namespace echosocket::cli
