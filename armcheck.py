import sys; sys.path.insert(0,'/work/wt-exact/sdk'); sys.path.insert(0,'/work/wt-exact/tests/sdk/processing')
import platform, numpy as np, cv2, hashlib
from ref import *
print(platform.machine(), cv2.__version__)
r=np.random.default_rng(0)
p=r.integers(0,256,(1000,1000,3),dtype=np.uint8); print("grey", np.count_nonzero(cv2.cvtColor(p,cv2.COLOR_BGR2GRAY)!=grey(p)))
bad=n=0
for _ in range(60):
    h,w=r.integers(1,400,2); H,W=r.integers(1,300,2); p=r.integers(0,256,(h,w+5),dtype=np.uint8)[:,2:2+w]
    bad+=np.count_nonzero(cv2.resize(p,(int(W),int(H)),interpolation=cv2.INTER_LINEAR_EXACT)!=linear(p,W,H)); n+=W*H
print("linear",bad,n)
for kx in range(1,9):
    for ky in range(1,9):
        H,W=r.integers(20,80,2); p=r.integers(0,256,(H*ky,W*kx+5),dtype=np.uint8)[:,2:2+W*kx]
        d=np.count_nonzero(cv2.resize(p,(int(W),int(H)),interpolation=cv2.INTER_AREA)!=block(p,kx,ky))
        if d: print("block differs",kx,ky,d,W*H)
print("blocks done")
