// CRC-32, with which both ends of a file transfer check that the same bytes arrived.
#pragma once

#include <boost/crc.hpp>

#include <cstdio>
#include <string>
#include <string_view>

namespace echosocket::cli {

/// The CRC-32 of zlib, gzip and PNG: it detects damage, not tampering.
class checksum {
public:
    void add(std::string_view bytes) { crc_.process_bytes(bytes.data(), bytes.size()); }

    /// Eight hexadecimal digits.
    [[nodiscard]] std::string text() const {
        char digits[16];
        std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(crc_.checksum()));
        return digits;
    }

private:
    boost::crc_32_type crc_;
};

}  // namespace echosocket::cli
