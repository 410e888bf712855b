// Makes a fresh mongod a replica set of one, and Shoot's user there, who may do nothing but read and write Shoot's
// database. Running it again changes nothing, or the user's password. compose.yaml runs it in mongosh.
//
// From the environment: MONGODB_ROOT_PASSWORD, MONGODB_PASSWORD; MONGODB_HOST where it is not mongodb:27017.

const host = process.env.MONGODB_HOST || 'mongodb:27017';
const rootPassword = encodeURIComponent(process.env.MONGODB_ROOT_PASSWORD);
// Direct: before it is initiated there is no set to connect to.
const admin = connect(`mongodb://root:${rootPassword}@${host}/admin?directConnection=true`);

if (!admin.hello().setName) {
    admin.runCommand({ replSetInitiate: { _id: 'shoot', members: [{ _id: 0, host: host }] } });
}
for (let attempt = 0; !admin.hello().isWritablePrimary; attempt++) {
    if (attempt === 120) throw new Error('MongoDB did not become the primary within 60 s');
    sleep(500);
}

const shoot = admin.getSiblingDB('shoot');
const password = process.env.MONGODB_PASSWORD;
const roles = [{ role: 'readWrite', db: 'shoot' }];
if (shoot.getUser('shoot')) {
    shoot.updateUser('shoot', { pwd: password, roles: roles });
} else {
    shoot.createUser({ user: 'shoot', pwd: password, roles: roles });
}
print('MongoDB is ready for Shoot');
