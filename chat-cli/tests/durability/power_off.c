// Ends an ext4 file system as a loss of power does: nothing that is not on the disk gets there, not
// even the journal. `power_off FOLDER`.

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, __u32)
typedef unsigned int __u32;

int main(int count, char **arguments) {
    __u32 no_flush = 2;
    int folder = count == 2 ? open(arguments[1], O_RDONLY) : -1;
    if (folder < 0 || ioctl(folder, EXT4_IOC_SHUTDOWN, &no_flush) != 0) {
        perror("power_off");
        return 1;
    }
    return 0;
}
