// Copies a file to a stream and a stream to a file. Either end of a call can send, so server and client use both.
#pragma once

#include <echosocket/stream.hpp>

#include <boost/crc.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;

using checksum = es::result<std::uint32_t>;

inline asio::awaitable<checksum> send_file(es::sink<std::string> out, std::string path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) co_return es::failure{es::errc::bad_request, "can't read " + path};
    boost::crc_32_type sum;
    std::string piece(64 * 1024, '\0');
    for (;;) {
        file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (file.gcount() == 0) break;
        piece.resize(static_cast<std::size_t>(file.gcount()));
        sum.process_bytes(piece.data(), piece.size());
        auto sent = co_await out.send(piece);  // suspends while the reader is behind
        if (!sent) co_return sent.error();
    }
    co_return sum.checksum();
}

inline asio::awaitable<checksum> receive_file(es::source<std::string> in, std::string path) {
    std::ofstream file{path, std::ios::binary};
    boost::crc_32_type sum;
    std::size_t bytes = 0;
    for (;;) {
        auto piece = co_await in.next();
        if (!piece) co_return piece.error();
        if (!*piece) break;
        const std::string& data = **piece;
        file << data;
        sum.process_bytes(data.data(), data.size());
        bytes += data.size();
        if (bytes % (1024 * 1024) == 0) std::cout << path << ": " << bytes / (1024 * 1024) << " MiB" << std::endl;
    }
    file.close();
    if (!file) co_return es::failure{es::errc::task_failed, "can't write " + path};
    co_return sum.checksum();
}
