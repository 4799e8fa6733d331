#include "memory/read_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace echosocket::net {

namespace {
constexpr std::size_t growth = 32;
}

boost::asio::mutable_buffer read_buffer::prepare(std::size_t frame_size) {
    if (!block_) block_ = buffer_ref::make();
    if (size() == 0 && !block_.shared()) begin_ = end_ = 0;

    // A read into the last few bytes of a block would cost a system call and gain little.
    const std::size_t need = std::max(frame_size, size() + 1);
    const bool roomy = block_.capacity() - end_ >= block_size / 4 || block_.capacity() > block_size;
    if (block_.capacity() - begin_ < need || !roomy) make_room(need);
    return {block_.data() + end_, block_.capacity() - end_};
}

void read_buffer::make_room(std::size_t need) {
    if (need > block_.capacity() && size() == block_.capacity()) {
        move_to(buffer_ref::make(std::min(need, size() * growth)));
    } else if (block_.shared()) {
        move_to(buffer_ref::make(size() + 1));
    } else {
        std::memmove(block_.data(), block_.data() + begin_, size());
        end_ -= begin_;
        begin_ = 0;
    }
}

bool read_buffer::release_if_empty() noexcept {
    if (size() != 0) return false;
    block_ = {};
    begin_ = end_ = 0;
    return true;
}

void read_buffer::move_to(buffer_ref target) noexcept {
    const auto rest = data();
    if (!rest.empty()) std::memcpy(target.data(), rest.data(), rest.size());
    block_ = std::move(target);
    begin_ = 0;
    end_ = static_cast<std::uint32_t>(rest.size());
}

}  // namespace echosocket::net
