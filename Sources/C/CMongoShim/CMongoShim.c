#include "CMongoShim.h"
